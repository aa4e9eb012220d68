-- Advice to transfer the membership: of the managing side; entries are added, never changed.
alter table contacts_transferadvice enable row level security;
create policy see on contacts_transferadvice for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[]));
create policy make on contacts_transferadvice for insert with check (
  organization_id = any ((select portal.organization_ids('change_members'))::uuid[])
  and exists (select 1 from members_member m
               where m.id = member_id and m.organization_id = contacts_transferadvice.organization_id)
  and exists (select 1 from members_movement v
               where v.id = movement_id and v.member_id = contacts_transferadvice.member_id));
revoke update, delete on contacts_transferadvice from {app};
