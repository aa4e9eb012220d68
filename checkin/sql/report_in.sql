-- Reporting in: permanent addresses, the submission itself, how far it has got. No function here looks at a member.

alter table checkin_reportinlink enable row level security;
create policy see on checkin_reportinlink for select using (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
create policy make on checkin_reportinlink for insert with check (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
create policy change on checkin_reportinlink for update using (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
revoke delete on checkin_reportinlink from {app};

alter table checkin_reportinlinkevent enable row level security;
create policy see on checkin_reportinlinkevent for select using (
  exists (select 1 from checkin_reportinlink l where l.id = pgh_obj_id));
revoke insert, update, delete on checkin_reportinlinkevent from {app};

-- Kept as it was added; it goes with the report-in that it belongs to.
alter table checkin_signedform enable row level security;
create policy see on checkin_signedform for select using (
  exists (select 1 from checkin_reportin r where r.id = report_in_id));
create policy make on checkin_signedform for insert with check (
  exists (select 1 from checkin_reportin r where r.id = report_in_id));
revoke update, delete on checkin_signedform from {app};

-- At the counter the clerk writes the row: the own queue, and never in the name of somebody who scanned.
grant insert on checkin_reportin to {app};
create policy make on checkin_reportin for insert with check (
  way::text = any ('{window,paper}'::text[]) and organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));

-- The communities behind a permanent address, and the office itself. Read by the functions below only.
create view portal.linked_place as
  select l.word, o.code, o.path, o.id as organization_id, o.id = top.id as is_top,
         case when not l.is_active or not o.is_active or not top.is_active then 'revoked' else 'active' end as state,
         l.contact_phone, coalesce(nullif(o.short_name, ''), o.name) as community,
         case when o.id <> top.id then coalesce(nullif(top.short_name, ''), top.name) end as street,
         portal.head_of(o.path) as head
    from public.checkin_reportinlink l
    join public.portal_organization top on top.id = l.organization_id
    join public.portal_organization o on o.path operator(public.<@) top.path
                                     and (o.id = top.id or o.kind in ('street', 'community'));

-- The office first, then its communities by code; none for a word that is not known or no longer in use.
create function portal.link_choices(word text) returns table (code text, community text, is_top boolean)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return query select p.code::text, p.community::text, p.is_top from portal.linked_place p
                where p.word = link_choices.word and p.state = 'active' order by not p.is_top, p.code;
end $$;

-- One row for every word and community, known or not.
create function portal.linked_point(word text, community text)
returns table (state text, point_name text, address text, hours text, contact_name text, contact_phone text,
               community_name text, street text, head bytea)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return query select p.state::text, null::text, null::text, null::text, null::text, p.contact_phone::text,
                      p.community::text, p.street::text, p.head
                 from portal.linked_place p where p.word = linked_point.word and p.code = linked_point.community;
  if not found then
    return query select 'unknown', null::text, null::text, null::text, null::text, null::text, null::text, null::text,
                        null::bytea;
  end if;
end $$;

-- By a code, or by word and community of a permanent address. Looks at no member, so the answer cannot depend on one.
-- `sealed`: name, mobile number and details with a digest each, then the digest by which the state is asked.
-- Sent again: nothing happens, and the answer is the same.
create function portal.submit_report_in(code uuid, word text, community text, new_id uuid, form uuid, data_key bytea,
                                        sealed bytea[], receipt text, consent_version text, is_sensitive boolean,
                                        way text)
returns table (state text, point_name text, address text, hours text, contact_name text, contact_phone text,
               community_name text, street text, head bytea)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return query
    with place as materialized (
      select v.organization_id, v.point_id, v.state, v.name, v.address, v.hours, v.contact_name, v.contact_phone,
             v.community, v.street, v.head
        from portal.printed_code v where v.code_id = submit_report_in.code
      union all
      select p.organization_id, null, p.state, null, null, null, null, p.contact_phone, p.community, p.street, p.head
        from portal.linked_place p
       where submit_report_in.code is null and p.word = submit_report_in.word and p.code = submit_report_in.community
    ), stored as (
      insert into checkin_reportin (id, data_key, organization_id, point_id, client_key, name_sealed, name_digest,
                                    mobile_sealed, mobile_digest, details_sealed, details_digest, status_digest,
                                    receipt, consent_version, has_sensitive_consent, way, state, proof, submitted_at)
      select submit_report_in.new_id, submit_report_in.data_key, p.organization_id, p.point_id, submit_report_in.form,
             sealed[1], sealed[2], sealed[3], sealed[4], sealed[5], sealed[6], sealed[7], submit_report_in.receipt,
             submit_report_in.consent_version, submit_report_in.is_sensitive,
             case when submit_report_in.way = 'proxy' then 'proxy' else 'self' end, 'waiting', '', now()
        from place p where p.state = 'active'
      on conflict do nothing
    )
    select p.state::text, p.name::text, p.address::text, p.hours::text, p.contact_name::text, p.contact_phone::text,
           p.community::text, p.street::text, p.head from place p;
  if not found then
    return query select 'unknown', null::text, null::text, null::text, null::text, null::text, null::text, null::text,
                        null::bytea;
  end if;
end $$;

-- A phone that hangs on the wall of an office anyway: of one of its points, else of the nearest address over it.
create function portal.office_phone(office uuid, place public.ltree) returns text
language sql stable set search_path = pg_catalog as $$
  select found.phone from (
    select c.contact_phone as phone, 1000 as near, c.name, c.id from public.checkin_checkinpoint c
     where c.organization_id = office and c.is_active and c.contact_phone <> ''
    union all
    select l.contact_phone, public.nlevel(top.path), l.word, l.id from public.checkin_reportinlink l
      join public.portal_organization top on top.id = l.organization_id
     where top.path operator(public.@>) place and l.is_active and l.contact_phone <> '') found
   order by found.near desc, found.name, found.id limit 1
$$;
revoke execute on function portal.office_phone(uuid, public.ltree) from {app};

-- Three words for whoever holds the form's key (128 bits, in the code of the receipt) or the receipt number together
-- with the tail of the mobile number; the office that has it now, and its phone (of the point; else of another one of the
-- office, or of the address over it: whoever is to call needs a number). Of several rows of one form the latest.
create function portal.report_in_status(form uuid, proof bytea)
returns table (state text, on_day date, community text, contact_phone text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return query
    select case when r.state in ('waiting', 'referred') then 'received' when r.state = 'returned' then 'incomplete'
                else 'done' end,
           (r.submitted_at at time zone 'Asia/Shanghai')::date, coalesce(nullif(o.short_name, ''), o.name)::text,
           coalesce(nullif(p.contact_phone, ''), portal.office_phone(o.id, o.path), '')::text
      from (select * from checkin_reportin a where a.client_key = report_in_status.form
            union all select * from checkin_reportin b where b.status_digest = report_in_status.proof) r
      join portal_organization o on o.id = r.organization_id
      left join checkin_checkinpoint p on p.id = r.point_id and p.organization_id = r.organization_id
     order by r.submitted_at desc limit 1;
  if not found then
    return query select 'unknown', null::date, null::text, null::text;
  end if;
end $$;

-- Work of the night. Thirty days after it was closed as a mistake or as a duplicate nobody needs what was typed: the key
-- and the sealed values go, in the history too, and the photographs of signed forms; who decided what and when stays.
-- Returns how many are gone.
create function portal.forget_report_ins() returns int
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare old uuid[];
begin
  select coalesce(array_agg(r.id), '{}') into old from public.checkin_reportin r
   where r.state in ('mistaken', 'duplicate') and r.decided_at < now() - interval '30 days'
     and r.name_sealed is not null;
  delete from public.checkin_signedform f where f.report_in_id = any (old);
  update public.checkin_reportin r
     set name_sealed = null, name_digest = null, mobile_sealed = null, mobile_digest = null, details_sealed = null,
         details_digest = null, status_digest = null, data_key = '', client_key = gen_random_uuid()
   where r.id = any (old);
  update public.checkin_reportinevent e
     set name_sealed = null, name_digest = null, mobile_sealed = null, mobile_digest = null, details_sealed = null,
         details_digest = null, data_key = ''
   where e.pgh_obj_id = any (old);
  return cardinality(old);
end $$;
