-- History of shared records: read with the row it belongs to, written by triggers alone.

alter table checkin_reportinevent enable row level security;
create policy see on checkin_reportinevent for select using (
  exists (select 1 from checkin_reportin r where r.id = pgh_obj_id));
revoke insert, update, delete on checkin_reportinevent from {app};
