-- A confirmed report-in is a contact by the member, on the day it was handed in (members/sql/work_done.sql).

create function portal.note_report_in() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform portal.work_done('report_in', new.id, array[new.member_id], new.organization_id,
                           (new.submitted_at at time zone 'Asia/Shanghai')::date);
  return null;
end $$;

create trigger work_done after update of state on checkin_reportin
  for each row when (new.state = 'confirmed' and old.state <> 'confirmed' and new.member_id is not null)
  execute function portal.note_report_in();
