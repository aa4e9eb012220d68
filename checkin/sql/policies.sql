-- Wall two for check-in. The public page reads a point and hands in a form through definer functions only.

alter table checkin_checkinpoint enable row level security;
create policy see on checkin_checkinpoint for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[])
  or organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
create policy make on checkin_checkinpoint for insert with check (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
create policy change on checkin_checkinpoint for update using (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
revoke delete on checkin_checkinpoint from {app};

alter table checkin_checkincode enable row level security;
create policy see on checkin_checkincode for select using (
  exists (select 1 from checkin_checkinpoint p where p.id = point_id));
create policy make on checkin_checkincode for insert with check (
  exists (select 1 from checkin_checkinpoint p where p.id = point_id
             and p.organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[])));
create policy change on checkin_checkincode for update using (
  exists (select 1 from checkin_checkinpoint p where p.id = point_id
             and p.organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[])));
revoke delete on checkin_checkincode from {app};

alter table checkin_reportin enable row level security;
create policy see on checkin_reportin for select using (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
create policy change on checkin_reportin for update using (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
revoke insert, delete on checkin_reportin from {app};

-- History: read with the row it belongs to, written by triggers alone.
alter table checkin_checkinpointevent enable row level security;
create policy see on checkin_checkinpointevent for select using (
  exists (select 1 from checkin_checkinpoint p where p.id = pgh_obj_id));
revoke insert, update, delete on checkin_checkinpointevent from {app};

alter table checkin_checkincodeevent enable row level security;
create policy see on checkin_checkincodeevent for select using (
  exists (select 1 from checkin_checkincode c where c.id = pgh_obj_id));
revoke insert, update, delete on checkin_checkincodeevent from {app};
