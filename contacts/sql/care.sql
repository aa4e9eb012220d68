-- Visits of care. Read by the organization that plans them, worked on with manage_needs; one that was made is a contact.

alter table contacts_carevisit enable row level security;
create policy see on contacts_carevisit for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[]));
create policy make on contacts_carevisit for insert with check (
  organization_id = any ((select portal.organization_ids('manage_needs'))::uuid[])
  and exists (select 1 from members_member m where m.id = member_id and m.organization_id = contacts_carevisit.organization_id));
create policy change on contacts_carevisit for update using (
  organization_id = any ((select portal.organization_ids('manage_needs'))::uuid[]));
create policy remove on contacts_carevisit for delete using (
  visited_on is null and organization_id = any ((select portal.organization_ids('manage_needs'))::uuid[]));

-- Made: a contact of the organization on that day, where the interval says so. Taken back: no contact.
create function portal.count_care_visit() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if to_regprocedure('portal.work_done(text, uuid, uuid[], uuid, date)') is null then return null; end if;
  if old.visited_on is not null then
    perform portal.work_withdrawn('visit', new.id, array[new.member_id]);
  end if;
  if new.visited_on is not null then
    perform portal.work_done('visit', new.id, array[new.member_id], new.organization_id, new.visited_on);
  end if;
  return null;
end $$;
create trigger count_care_visit after update of visited_on on contacts_carevisit
  for each row when (old.visited_on is distinct from new.visited_on) execute function portal.count_care_visit();
