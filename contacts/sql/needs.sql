-- Needs of members. Read by the side that took them down and by the member's liaison, worked on with manage_needs.
-- Whoever may log a contact may raise one and hear that it was met: through the functions here, which ask.

alter table contacts_need enable row level security;
create policy see on contacts_need for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[])
  or (member_id = any ((select portal.assigned_file_ids())::uuid[])
      and exists (select 1 from members_member m
                   where m.id = member_id and m.organization_id = contacts_need.organization_id)));
create policy change on contacts_need for update using (
  organization_id = any ((select portal.organization_ids('manage_needs'))::uuid[]));
revoke insert, delete on contacts_need from {app};

alter table contacts_needevent enable row level security;
create policy see on contacts_needevent for select using (
  exists (select 1 from contacts_need n where n.id = pgh_obj_id));
revoke insert, update, delete on contacts_needevent from {app};

alter table contacts_needaction enable row level security;
create policy see on contacts_needaction for select using (
  exists (select 1 from contacts_need n where n.id = need_id));
create policy make on contacts_needaction for insert with check (
  exists (select 1 from contacts_need n where n.id = need_id
             and n.organization_id = any ((select portal.organization_ids('manage_needs'))::uuid[])));
revoke update, delete on contacts_needaction from {app};

-- Hook: the member who acts by a personal link of the own; check-in replaces it.
create function portal.own_member() returns uuid
language sql stable set search_path = pg_catalog as $$ select null::uuid $$;

-- May the actor write about this file for this organization: its staff, the file's liaison, who visits the member, the
-- member?
create function portal.may_raise_need(subject uuid, node uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (
    select 1 from public.members_member m
     where m.id = subject
       and (m.organization_id = node
            or exists (select 1 from public.members_placement p
                        where p.member_id = m.id and p.organization_id = node))
       and (portal.may('log_contacts', node) or portal.may('manage_needs', node)
            or (m.organization_id = node
                and (m.id = any (portal.assigned_file_ids()) or m.id = portal.own_member()
                     or m.id in (select v.member_id from portal.visit_list() v)))))
$$;

-- Write one need and the first line of its history; the same key writes nothing more. `told`: the day of the contact.
-- Who visits does not know the organization and names none: the managing one.
create function portal.raise_need(key uuid, subject uuid, node uuid, kind text, told date, due date, source uuid,
  detail bytea, detail_mark bytea) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  node := coalesce(node, (select m.organization_id from public.members_member m where m.id = subject));
  if not coalesce(portal.may_raise_need(subject, node), false) then
    raise exception 'need_refused' using errcode = 'insufficient_privilege';
  end if;
  if told > portal.today() or due < told then
    raise exception 'need_unfit' using errcode = 'check_violation';
  end if;
  insert into public.contacts_need (id, member_id, organization_id, category, detail_sealed, detail_digest, contact_id,
                                    raised_on, due_on, state, outcome, reopened, created_at)
  select raise_need.key, subject, node, kind, detail, detail_mark,
         (select c.id from public.contacts_contactlog c where c.id = raise_need.source and c.member_id = subject),
         told, due, 'open', '', 0, now()
  on conflict do nothing;
  if found then
    insert into public.contacts_needaction (id, need_id, step, outcome, done_on, recorded_by_id, liaison_id, recorded_at)
    values (gen_random_uuid(), raise_need.key, 'raised', '', told, portal.actor_user(), portal.acting_person(), clock_timestamp());
  end if;
end $$;

-- The member says that an answered need is met, or is not: heard in a contact, by whoever may log one. False when it is
-- no longer waiting for that.
create function portal.confirm_need(which uuid, is_met boolean, words bytea, words_mark bytea, step_key uuid)
returns boolean language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  need public.contacts_need;
begin
  select * into need from public.contacts_need n where n.id = which for update;
  if not coalesce(portal.may_raise_need(need.member_id, need.organization_id), false)
     or (select portal.visits_only()) then  -- who visits reads nothing, so no need either
    raise exception 'need_refused' using errcode = 'insufficient_privilege';
  end if;
  if need.state <> 'answered' then return false; end if;
  if is_met then
    update public.contacts_need set state = 'confirmed', confirmed_on = portal.today() where id = which;
  else
    update public.contacts_need
       set state = 'open', outcome = '', answered_on = null, reopened = reopened + 1,
           due_on = greatest(due_on, portal.today())
     where id = which;
  end if;
  insert into public.contacts_needaction (id, need_id, step, outcome, done_on, text_sealed, text_digest, recorded_by_id,
                                          liaison_id, recorded_at)
  values (step_key, which, case when is_met then 'confirmed' else 'reopened' end, '', portal.today(), words, words_mark,
          portal.actor_user(), portal.acting_person(), clock_timestamp());
  return true;
end $$;

-- A need that was met counts as a contact, where the interval says so; opened again, it does not.
create function portal.count_need() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if to_regprocedure('portal.work_done(text, uuid, uuid[], uuid, date)') is null then return null; end if;
  if new.state = 'answered' and new.outcome = 'met' then
    perform portal.work_done('need', new.id, array[new.member_id], new.organization_id, new.answered_on);
  elsif new.state = 'open' and old.state in ('answered', 'confirmed') then
    perform portal.work_withdrawn('need', new.id, array[new.member_id]);
  end if;
  return null;
end $$;
create trigger count_need after update of state on contacts_need
  for each row when (old.state is distinct from new.state) execute function portal.count_need();

-- Whose organization does not see the member any more gives the open needs to the one that manages the file. By trigger,
-- so that no way of moving a file forgets them; after the placements (triggers run by name).
create function portal.route_needs(moved uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan as $$
begin
  update public.contacts_need n
     set organization_id = m.organization_id,
         owner_id = case when exists (select 1 from portal.users_with('manage_needs', m.organization_id) u
                                       where u.user_id = n.owner_id) then n.owner_id end
    from public.members_member m
   where m.id = any (moved) and n.member_id = m.id and n.state <> 'confirmed' and m.same_as_id is null
     and n.organization_id <> m.organization_id
     and not exists (select 1 from public.members_placement p
                      where p.member_id = m.id and p.organization_id = n.organization_id);
end $$;
revoke execute on function portal.route_needs(uuid[]) from {app};

create function portal.route_needs_of_members() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform portal.route_needs(array(
    select n.id from changed_rows n join former_rows f on f.id = n.id
     where (n.organization_id, n.same_as_id) is distinct from (f.organization_id, f.same_as_id)));
  return null;
end $$;
create trigger route_needs after update on members_member
  referencing old table as former_rows new table as changed_rows
  for each statement execute function portal.route_needs_of_members();

create function portal.route_needs_of_movements() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform portal.route_needs(array(select n.member_id from changed_rows n));
  return null;
end $$;
create trigger route_needs after update on members_movement referencing new table as changed_rows
  for each statement execute function portal.route_needs_of_movements();
