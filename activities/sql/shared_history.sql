-- History of shared records: read with the row it belongs to, written by triggers alone.

alter table activities_activityevent enable row level security;
create policy see on activities_activityevent for select using (
  exists (select 1 from activities_activity a where a.id = pgh_obj_id));
revoke insert, update, delete on activities_activityevent from {app};
