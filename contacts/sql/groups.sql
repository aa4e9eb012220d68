-- Chat groups: kept by whoever changes members there. Who is in one is read with the group; nothing that is said there.

alter table contacts_wechatgroup enable row level security;
create policy see on contacts_wechatgroup for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[]));
create policy make on contacts_wechatgroup for insert with check (
  organization_id = any ((select portal.organization_ids('change_members'))::uuid[]));
create policy change on contacts_wechatgroup for update using (
  organization_id = any ((select portal.organization_ids('change_members'))::uuid[]));
revoke delete on contacts_wechatgroup from {app};

alter table contacts_wechatgroupevent enable row level security;
create policy see on contacts_wechatgroupevent for select using (
  exists (select 1 from contacts_wechatgroup g where g.id = pgh_obj_id));
revoke insert, update, delete on contacts_wechatgroupevent from {app};

alter table contacts_groupmembership enable row level security;
create policy see on contacts_groupmembership for select using (
  exists (select 1 from contacts_wechatgroup g where g.id = group_id));
create policy make on contacts_groupmembership for insert with check (
  exists (select 1 from contacts_wechatgroup g where g.id = group_id
             and g.organization_id = any ((select portal.organization_ids('change_members'))::uuid[]))
  and exists (select 1 from members_member m where m.id = member_id));
create policy change on contacts_groupmembership for update using (
  exists (select 1 from contacts_wechatgroup g where g.id = group_id
             and g.organization_id = any ((select portal.organization_ids('change_members'))::uuid[])));
-- somebody leaves, also out of sight; nobody is put in another's place
revoke update, delete on contacts_groupmembership from {app};
grant update (left_on) on contacts_groupmembership to {app};
