-- What crosses the walls in check-in. Definer functions, each with a pinned search_path; this file is the whole list:
--   portal.checkin_point       no actor    what a poster shows, for the public page
--   portal.submit_report_in    no actor    one submission, for a code in force only
--   portal.refer_report_in     run_checkin moves a submission into another organization's queue

-- What hangs on the wall beside a code. Read by the two functions below only: the app role has no right on it.
create view portal.printed_code as
  select c.id as code_id, p.id as point_id, p.organization_id,
         case when c.revoked_at is not null or not p.is_active or not o.is_active then 'revoked' else 'active' end as state,
         p.name, p.address, p.hours, p.contact_name, p.contact_phone,
         coalesce(nullif(o.short_name, ''), o.name) as community,
         (select coalesce(nullif(above.short_name, ''), above.name) from public.portal_organization above
           where above.path operator(public.@>) o.path and above.kind = 'street' and above.id <> o.id
           order by public.nlevel(above.path) desc limit 1) as street
    from public.checkin_checkincode c
    join public.checkin_checkinpoint p on p.id = c.point_id
    join public.portal_organization o on o.id = p.organization_id;

-- One row for every id, known or not.
create function portal.checkin_point(code uuid)
returns table (state text, point_name text, address text, hours text, contact_name text, contact_phone text,
               community text, street text)
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  return query select v.state::text, v.name::text, v.address::text, v.hours::text, v.contact_name::text,
                      v.contact_phone::text, v.community::text, v.street::text
                 from portal.printed_code v where v.code_id = code;
  if not found then
    return query select 'unknown', null::text, null::text, null::text, null::text, null::text, null::text, null::text;
  end if;
end $$;

-- Looks at no member, so the answer cannot depend on one. Sent again: nothing happens, and the answer is the same.
create function portal.submit_report_in(code uuid, new_id uuid, form uuid, data_key bytea, sealed bytea[],
                                        receipt text, consent_version text)
returns table (state text, point_name text, address text, hours text, contact_name text, contact_phone text,
               community text, street text)
language plpgsql volatile security definer set search_path = pg_catalog, public as $$
begin
  return query
    with printed as materialized (
      select * from portal.printed_code v where v.code_id = submit_report_in.code
    ), stored as (
      insert into checkin_reportin (id, data_key, organization_id, point_id, client_key, name_sealed, name_digest,
                                    mobile_sealed, mobile_digest, receipt, consent_version, state, proof, submitted_at)
      select submit_report_in.new_id, submit_report_in.data_key, v.organization_id, v.point_id, submit_report_in.form,
             sealed[1], sealed[2], sealed[3], sealed[4], submit_report_in.receipt, submit_report_in.consent_version,
             'waiting', '', now()
        from printed v where v.state = 'active'
      on conflict do nothing
    )
    select v.state::text, v.name::text, v.address::text, v.hours::text, v.contact_name::text, v.contact_phone::text,
           v.community::text, v.street::text from printed v;
  if not found then
    return query select 'unknown', null::text, null::text, null::text, null::text, null::text, null::text, null::text;
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
