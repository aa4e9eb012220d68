-- Visiting workers (grid workers, building heads) write and do not read: they are handed the names of those whom they
-- visit, and log a visit. Rows of members and contacts stay out of their sight, so both go through functions that ask
-- who acts. Who a visiting worker is: the kind of the person, or a login that holds no role but `visitor`.

-- Liaison or visiting worker: the person behind a login with a role in force, or behind a work link.
create function portal.acting_person() returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select l.id from public.contacts_liaison l
   where l.user_id = (select portal.actor_user()) and l.is_active and (select portal.has_grant())
  union all
  select l.id from public.portal_worklink k
    join public.contacts_liaison l on l.id = k.subject_id and l.organization_id = k.organization_id and l.is_active
   where k.id = (select portal.actor_link()) and k.subject_kind = 'liaison'
   limit 1
$$;

create function portal.visits_only() returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select 1 from public.contacts_liaison l
                  where l.id = (select portal.acting_person()) and l.kind::text in ('grid', 'building'))
      or (portal.actor_user() is not null and not exists (
           select 1 from public.portal_organizationgrant g join public.auth_permission p on p.id = g.permission_id
            where g.user_id = portal.actor_user() and p.codename <> 'role_visitor'
              and (g.until is null or g.until >= (now() at time zone 'Asia/Shanghai')::date)))
$$;

-- What a liaison reaches follows from this: nothing for a visiting worker.
create or replace function portal.acting_liaison() returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select portal.acting_person() where not (select portal.visits_only())
$$;

-- Whom the acting visiting worker visits: id and name, nothing else.
create function portal.visit_list() returns table (member_id uuid, name text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select m.id, m.name::text
    from public.contacts_liaisonassignment a join public.members_member m on m.id = a.member_id
   where a.liaison_id = (select portal.acting_person()) and a.ended_on is null and (select portal.visits_only())
   order by m.name_pinyin, m.id
$$;

-- The wrapped key that seals what the visiting worker writes about one of the own list; null for everybody else. It opens
-- nothing by itself: the ciphertexts stay behind the wall, and only the portal unwraps it.
create function portal.visit_key(visited uuid) returns bytea
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select m.data_key from public.members_member m
   where m.id = visited and m.id in (select v.member_id from portal.visit_list() v)
$$;

-- Write one visit of the managing side; the same form, or the same visit within ten minutes, writes nothing more.
-- `texts`, `marks`: sealed, through whom, about work, about life, the next step.
create function portal.log_visit(key uuid, visited uuid, day date, how text, result text, note bytea, note_mark bytea,
  texts bytea[] default '{}', marks bytea[] default '{}', next_day date default null)
returns void language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  who uuid := portal.acting_person();
begin
  if visited not in (select v.member_id from portal.visit_list() v) then
    raise exception 'visit_refused' using errcode = 'insufficient_privilege';
  end if;
  if day > (now() at time zone 'Asia/Shanghai')::date
     or next_day < day
     or how not in ('phone', 'wechat', 'visit', 'meeting', 'other')
     or result not in ('reached', 'no_answer', 'dead_number', 'refused', 'through_others') then
    raise exception 'visit_unfit' using errcode = 'check_violation';
  end if;
  if exists (select 1 from public.contacts_contactlog c
              where c.member_id = visited and c.liaison_id = who and c.contacted_on = day and c.method = how
                and c.outcome = result and c.note_digest is not distinct from note_mark
                and (c.through_digest, c.work_digest, c.life_digest, c.next_step_digest, c.next_on)
                    is not distinct from (marks[1], marks[2], marks[3], marks[4], next_day)
                and c.recorded_at > now() - interval '10 minutes') then
    return;
  end if;
  insert into public.contacts_contactlog
         (id, member_id, organization_id, side, liaison_id, contacted_on, direction, method, outcome, source,
          note_sealed, note_digest, through_sealed, through_digest, work_sealed, work_digest, life_sealed, life_digest,
          next_step_sealed, next_step_digest, next_on, recorded_by_id, recorded_at)
  select log_visit.key, m.id, m.organization_id,
         coalesce((select case v.direction when 'outflow' then 'home' else 'host' end from public.members_movement v
                    where v.member_id = m.id and v.ended_on = '' order by v.direction desc limit 1), 'home'),
         who, day, 'to_member', how, result, 'logged', note, note_mark, texts[1], marks[1], texts[2], marks[2],
         texts[3], marks[3], texts[4], marks[4], next_day, portal.actor_user(), now()
    from public.members_member m where m.id = visited
  on conflict do nothing;
end $$;

drop policy see on contacts_liaison;
create policy see on contacts_liaison for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[])
  or user_id = (select portal.actor_user())
  or id = (select portal.acting_person()));

-- A visiting worker is never the member's own liaison.
drop policy make on contacts_liaisonassignment;
create policy make on contacts_liaisonassignment for insert with check (
  exists (select 1 from contacts_liaison l
           where l.id = liaison_id and not (is_primary and l.kind::text in ('grid', 'building')))
  and exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[])));

-- Who ends, or changes between looking after and visiting, gives up the members and the link at that moment.
create function portal.end_work_of_liaison() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform portal.end_assignments(array[new.id]);
  update public.portal_worklink set closed_at = now(), closed_reason = 'left'
   where subject_kind = 'liaison' and subject_id = new.id and closed_at is null;
  return null;
end $$;

create trigger end_work after update of is_active, kind on contacts_liaison
  for each row when (
    (old.is_active and not new.is_active)
    or (old.kind::text in ('grid', 'building')) <> (new.kind::text in ('grid', 'building')))
  execute function portal.end_work_of_liaison();
