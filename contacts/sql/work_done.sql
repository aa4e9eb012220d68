-- Work already done counts as a contact, where the interval of the side that it counts for says so. Replaces the stubs
-- of members. Called by triggers and by functions that have asked the right; the app role may not.

-- The side of a member that works in line with an organization: the managing one first, for a report-in the host's.
create function portal.side_in_line(subject uuid, node uuid, prefers_host boolean)
returns table (side text, organization_id uuid)
language sql stable security definer rows 1 set search_path = pg_catalog, public, pg_temp as $$
  select one.side, one.organization_id
    from (select case when v.direction = 'inflow' then 'host' else 'home' end as side, m.organization_id, 0 as rank
            from public.members_member m
            left join public.members_movement v on v.member_id = m.id and v.ended_on = ''
           where m.id = subject
          union all
          select other.side, other.node, 1 from public.members_movement v
           cross join lateral (values ('home', v.home_organization_id), ('host', v.host_organization_id))
             as other (side, node)
           where v.member_id = subject and v.ended_on = '' and other.node is not null) one
   where portal.in_line(one.organization_id, node)
   order by (prefers_host and one.side = 'host') desc, one.rank, one.side desc
   limit 1
$$;

-- `kind`: attendance, visit, need, report_in, parcel; `source`: the key of what was done, so that it counts once and can be
-- withdrawn. `node`: the organization that did it. Nothing without an actor (a restore), nothing for a day to come.
create or replace function portal.work_done(kind text, source uuid, members uuid[], node uuid, on_day date) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan as $$
begin
  if portal.actor() is null or on_day > portal.today() or coalesce(cardinality(members), 0) = 0 then return; end if;
  insert into public.contacts_contactlog (id, member_id, organization_id, side, contacted_on, direction, method,
                                          outcome, source, source_key, recorded_by_id, recorded_at)
  select gen_random_uuid(),
         -- a linked file of the side's own takes its contacts, as when they are logged by hand
         coalesce((select f.id from public.members_member f
                    where f.same_as_id = kept.id and f.organization_id = own.organization_id
                      and kept.organization_id <> own.organization_id limit 1), kept.id),
         own.organization_id, own.side, work_done.on_day,
         case work_done.kind when 'report_in' then 'from_member' else 'to_member' end,
         case work_done.kind when 'attendance' then 'meeting' when 'visit' then 'visit' else 'other' end,
         'reached', work_done.kind, work_done.source, portal.actor_user(), now()
    from (select distinct coalesce(m.same_as_id, m.id) as id
            from unnest(work_done.members) as one (id) join public.members_member m on m.id = one.id) named
    join public.members_member kept on kept.id = named.id
   cross join lateral portal.side_in_line(kept.id, work_done.node, work_done.kind = 'report_in') own
   cross join lateral portal.contact_policy(own.organization_id) rule
   where case work_done.kind when 'attendance' then rule.counts_attendance when 'visit' then rule.counts_visits
                             when 'need' then rule.counts_needs when 'report_in' then rule.counts_report_ins
                             when 'parcel' then rule.counts_parcels end
  on conflict do nothing;
end $$;

create or replace function portal.work_withdrawn(kind text, source uuid, members uuid[]) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  delete from public.contacts_contactlog c
   using public.members_member m
   where c.source = work_withdrawn.kind and c.source_key = work_withdrawn.source and m.id = c.member_id
     and exists (select 1 from public.members_member named where named.id = any (work_withdrawn.members)
                    and coalesce(named.same_as_id, named.id) = coalesce(m.same_as_id, m.id))
$$;
revoke execute on function portal.side_in_line(uuid, uuid, boolean), portal.work_done(text, uuid, uuid[], uuid, date),
  portal.work_withdrawn(text, uuid, uuid[]) from {app};

-- A dead number is replaced by whoever logs for the managing side: the liaison of the member too. The former number
-- stays known, out of use from today, so that an old ledger and a search still find the person.
create function portal.replace_mobile(whose uuid, number bytea, mark bytea, kept uuid, former bytea) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  stored bytea;
begin
  select m.mobile_digest into stored from public.members_member m
   where m.id = whose and m.same_as_id is null
     and (m.id = any (portal.assigned_file_ids()) or m.organization_id = any (portal.organization_ids('log_contacts')))
     for no key update;
  if not found or number is null or mark is null then
    raise exception 'mobile_refused' using errcode = 'insufficient_privilege';
  end if;
  if stored = mark then return; end if;
  if stored is not null and former is not null and not exists (
       select 1 from public.members_phone p where p.member_id = whose and p.number_digest = stored) then
    insert into public.members_phone (id, member_id, number_sealed, number_digest, use, from_on, until_on, created_at)
    values (kept, whose, former, stored, 'own', '', portal.today()::text, now());
  end if;
  update public.members_member set mobile_sealed = number, mobile_digest = mark, updated_at = now() where id = whose;
end $$;
