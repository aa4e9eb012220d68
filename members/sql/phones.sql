-- Further and former numbers. The managing side reads them all; whoever else sees the member, the member's own ones.

alter table members_phone enable row level security;
create policy see on members_phone for select using (
  exists (select 1 from members_member m where m.id = member_id
             and (use = 'own' or m.organization_id = any ((select portal.organization_ids('view_members'))::uuid[]))));
create policy make on members_phone for insert with check (
  exists (select 1 from members_member m where m.id = member_id and m.same_as_id is null
             and m.organization_id = any ((select portal.organization_ids('change_members'))::uuid[])));
create policy change on members_phone for update using (
  exists (select 1 from members_member m where m.id = member_id and m.same_as_id is null
             and m.organization_id = any ((select portal.organization_ids('change_members'))::uuid[])));
revoke delete on members_phone from {app};

alter table members_phoneevent enable row level security;
create policy see on members_phoneevent for select using (
  exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('view_members'))::uuid[])));
revoke insert, update, delete on members_phoneevent from {app};
