-- What crosses the walls in check-in. Definer functions, each with a pinned search_path; the list of those for report-ins:
--   portal.checkin_point       no actor    what a poster shows, for the public page
--   portal.linked_point        no actor    the same for a community chosen behind a permanent address
--   portal.link_choices        no actor    the communities behind a permanent address
--   portal.submit_report_in    no actor    one submission, for a code or an address in force only
--   portal.report_in_status    no actor    how far a submission has got, for whoever holds its receipt
--   portal.refer_report_in     run_checkin moves a submission into another organization's queue
-- All but the first and the last are in report_in.sql.

-- The small drawing of the nearest street that uploaded one, for the head of its phone pages. It hangs on its posters.
create function portal.head_of(place public.ltree) returns bytea
language sql stable set search_path = pg_catalog as $$
  select d.small from public.checkin_standarddrawing d
    join public.portal_organization street on street.id = d.organization_id
   where street.path operator(public.@>) place and d.small <> '' order by public.nlevel(street.path) desc limit 1
$$;
revoke execute on function portal.head_of(public.ltree) from {app};

-- What hangs on the wall beside a code. Read by definer functions only: the app role has no right on it.
create view portal.printed_code as
  select c.id as code_id, p.id as point_id, p.organization_id,
         case when c.revoked_at is not null or not p.is_active or not o.is_active then 'revoked' else 'active' end as state,
         p.name, p.address, p.hours, p.contact_name, p.contact_phone,
         coalesce(nullif(o.short_name, ''), o.name) as community,
         (select coalesce(nullif(above.short_name, ''), above.name) from public.portal_organization above
           where above.path operator(public.@>) o.path and above.kind = 'street' and above.id <> o.id
           order by public.nlevel(above.path) desc limit 1) as street,
         portal.head_of(o.path) as head
    from public.checkin_checkincode c
    join public.checkin_checkinpoint p on p.id = c.point_id
    join public.portal_organization o on o.id = p.organization_id;

-- One row for every id, known or not.
create function portal.checkin_point(code uuid)
returns table (state text, point_name text, address text, hours text, contact_name text, contact_phone text,
               community text, street text, head bytea)
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return query select v.state::text, v.name::text, v.address::text, v.hours::text, v.contact_name::text,
                      v.contact_phone::text, v.community::text, v.street::text, v.head
                 from portal.printed_code v where v.code_id = code;
  if not found then
    return query select 'unknown', null::text, null::text, null::text, null::text, null::text, null::text, null::text,
                        null::bytea;
  end if;
end $$;

-- The row leaves the actor's scope, so the right is checked here. Returns false when it was decided meanwhile.
create function portal.refer_report_in(report_in uuid, target uuid) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
declare
  origin uuid;
begin
  select r.organization_id into origin from checkin_reportin r where r.id = report_in for update;
  if origin is null or not portal.may('run_checkin', origin) then
    raise exception 'refer_refused' using errcode = 'insufficient_privilege';
  end if;
  if origin = target or not exists (
       select 1 from portal_organization o
        where o.id = target and o.is_active and o.kind in ('street', 'community')) then
    raise exception 'refer_refused' using errcode = 'check_violation';
  end if;
  update checkin_reportin set organization_id = target, referred_from_id = origin, state = 'referred'
   where id = report_in and state in ('waiting', 'referred');
  return found;
end $$;
