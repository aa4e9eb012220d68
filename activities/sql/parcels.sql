-- Parcels: written by whoever manages activities there, read by whoever sees members there.
alter table activities_parcel enable row level security;
create policy see on activities_parcel for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[]));
create policy make on activities_parcel for insert with check (
  state = 'sent' and organization_id = any ((select portal.organization_ids('manage_activities'))::uuid[])
  and exists (select 1 from members_member m
               where m.id = member_id and m.organization_id = activities_parcel.organization_id));
create policy change on activities_parcel for update using (
  organization_id = any ((select portal.organization_ids('manage_activities'))::uuid[]));
revoke update, delete on activities_parcel from {app};
grant update (state, tracking_number, closed_on, closed_by_id) on activities_parcel to {app};

-- What is closed stays closed, but for what the office noted by mistake; of one that came back the address is checked in
-- the end.
create function portal.check_parcel() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
  if old.state <> new.state and not (old.state = 'sent' and new.state in ('received', 'returned')
                                     or old.state = 'returned' and new.state = 'checked'
                                     or old.state in ('received', 'returned') and new.state = 'sent'
                                        and old.closed_by_id is not null) then
    raise exception 'parcel_closed_once' using errcode = 'check_violation', constraint = 'parcel_closed_once';
  end if;
  return new;
end $$;
create trigger check_parcel before update of state on activities_parcel
  for each row execute function portal.check_parcel();

-- What is not closed goes with its file.
create function portal.move_parcels() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.activities_parcel p set organization_id = n.organization_id
    from changed_rows n join former_rows f on f.id = n.id
   where n.organization_id <> f.organization_id and p.member_id = n.id and p.state in ('sent', 'returned');
  return null;
end $$;
create trigger move_parcels after update on members_member
  referencing old table as former_rows new table as changed_rows
  for each statement execute function portal.move_parcels();

-- A parcel that arrived is work done (members/sql/work_done.sql), whoever says so.
create function portal.note_parcel() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.state = 'received' then
    perform portal.work_done('parcel', new.id, array[new.member_id], new.organization_id, new.closed_on);
  else
    perform portal.work_withdrawn('parcel', new.id, array[new.member_id]);
  end if;
  return null;
end $$;
create trigger work_done after update of state on activities_parcel
  for each row when ((old.state = 'received') <> (new.state = 'received')) execute function portal.note_parcel();
