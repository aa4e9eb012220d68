-- Wall two for members. A member is seen from every node it is placed under, and by whoever is assigned to it.
-- A file that was linked to another one (same_as) has no placement: its own side reads it on, for what it wrote there, and
-- nobody changes it, so that the link can be undone.

alter table members_placement enable row level security;
-- The granted nodes first: lists start there, and the second half, some 1,000 ids for a city, is then never worked out.
-- A function inside `(select unnest((select …)))` is not called by the planner.
create policy see on members_placement for select using (
  organization_id = any ((select portal.granted_nodes('view_members'))::uuid[])
  or organization_id in (select unnest((select portal.organization_ids('view_members'))::uuid[])));
revoke insert, update, delete on members_placement from {app};

alter table members_member enable row level security;
-- `offset 0` keeps it one look into the index for each row that is read. Without, the planner may first gather all
-- members of the actor (280 ms for a page of 50 among 100,000).
create policy see on members_member for select using (
  exists (select 1 from members_placement p
           where p.member_id = members_member.id
             and p.organization_id = any ((select portal.granted_nodes('view_members'))::uuid[]) offset 0)
  or id = any ((select portal.assigned_member_ids())::uuid[])
  or (same_as_id is not null
      and organization_id in (select unnest((select portal.organization_ids('view_members'))::uuid[]))));
create policy make on members_member for insert with check (
  same_as_id is null and organization_id = any ((select portal.organization_ids('change_members'))::uuid[]));
create policy change on members_member for update
  using (same_as_id is null and organization_id = any ((select portal.organization_ids('change_members'))::uuid[]))
  with check (same_as_id is null and organization_id = any ((select portal.organization_ids('change_members'))::uuid[]));
revoke delete on members_member from {app};

alter table members_movement enable row level security;
create policy see on members_movement for select using (
  exists (select 1 from members_member m where m.id = member_id));
create policy make on members_movement for insert with check (
  exists (select 1 from members_member m where m.id = member_id and m.same_as_id is null
             and m.organization_id = any ((select portal.organization_ids('change_members'))::uuid[])));
create policy change on members_movement for update using (
  exists (select 1 from members_member m where m.id = member_id and m.same_as_id is null
             and m.organization_id = any ((select portal.organization_ids('change_members'))::uuid[])));
revoke delete on members_movement from {app};

alter table members_ledgerimport enable row level security;
create policy see on members_ledgerimport for select using (
  organization_id = any ((select portal.organization_ids('import_ledger'))::uuid[]));
create policy make on members_ledgerimport for insert with check (
  organization_id = any ((select portal.organization_ids('import_ledger'))::uuid[]));
create policy change on members_ledgerimport for update using (
  organization_id = any ((select portal.organization_ids('import_ledger'))::uuid[]));
revoke delete on members_ledgerimport from {app};

-- History: written by triggers alone, read by the side that manages the file. The other side of a movement learns only
-- when something changed (portal.member_changed_at).
alter table members_memberevent enable row level security;
create policy see on members_memberevent for select using (
  exists (select 1 from members_member m where m.id = pgh_obj_id
             and m.organization_id = any ((select portal.organization_ids('view_members'))::uuid[])));
revoke insert, update, delete on members_memberevent from {app};

alter table members_movementevent enable row level security;
create policy see on members_movementevent for select using (
  exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('view_members'))::uuid[])));
revoke insert, update, delete on members_movementevent from {app};
