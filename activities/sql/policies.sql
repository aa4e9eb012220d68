-- An activity belongs to its organization; attendance is seen with the member it names.

alter table activities_activity enable row level security;
create policy see on activities_activity for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[]));
create policy make on activities_activity for insert with check (
  organization_id = any ((select portal.organization_ids('manage_activities'))::uuid[]));
create policy change on activities_activity for update using (
  organization_id = any ((select portal.organization_ids('manage_activities'))::uuid[]));
revoke delete on activities_activity from {app};

alter table activities_attendance enable row level security;
create policy see on activities_attendance for select using (
  exists (select 1 from members_member m where m.id = member_id));
create policy make on activities_attendance for insert with check (
  exists (select 1 from members_member m where m.id = member_id)
  and exists (select 1 from activities_activity a where a.id = activity_id
                 and a.organization_id = any ((select portal.organization_ids('manage_activities'))::uuid[])));
create policy undo on activities_attendance for delete using (
  exists (select 1 from activities_activity a where a.id = activity_id
             and a.organization_id = any ((select portal.organization_ids('manage_activities'))::uuid[])));
revoke update on activities_attendance from {app};
