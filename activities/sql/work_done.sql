-- Who came was met: a ticked attendance is work done (members/sql/work_done.sql), an unticked one is withdrawn.

create function portal.note_attendance() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform portal.work_done('attendance', a.id, array_agg(n.member_id), a.organization_id, a.held_on)
     from changed_rows n join public.activities_activity a on a.id = n.activity_id
    where not a.is_cancelled group by a.id;
  return null;
end $$;

create function portal.withdraw_attendance() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform portal.work_withdrawn('attendance', g.activity_id, array_agg(g.member_id))
     from changed_rows g group by g.activity_id;
  return null;
end $$;

-- Another day, called off, or held after all.
create function portal.note_activity_change() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  came uuid[] := array(select t.member_id from public.activities_attendance t where t.activity_id = new.id);
begin
  perform portal.work_withdrawn('attendance', new.id, came);
  if not new.is_cancelled then
    perform portal.work_done('attendance', new.id, came, new.organization_id, new.held_on);
  end if;
  return null;
end $$;

create trigger work_done after insert on activities_attendance referencing new table as changed_rows
  for each statement execute function portal.note_attendance();
create trigger work_withdrawn after delete on activities_attendance referencing old table as changed_rows
  for each statement execute function portal.withdraw_attendance();
create trigger work_changed after update of held_on, is_cancelled on activities_activity
  for each row when (old.held_on <> new.held_on or old.is_cancelled <> new.is_cancelled)
  execute function portal.note_activity_change();
