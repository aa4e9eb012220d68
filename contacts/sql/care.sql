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

-- Two organizations are merged (portal/sql/merge.sql): whom both visit for one festival is visited once, a visit that was
-- made before one that is planned.
create function portal.merge_rows_contacts_carevisit(gone uuid, kept uuid) returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  delete from contacts_carevisit one using contacts_carevisit other
   where (one.organization_id, other.organization_id) in ((gone, kept), (kept, gone)) and one.member_id = other.member_id
     and one.festival = other.festival and one.year = other.year and one.visited_on is null
     and (other.visited_on is not null or one.organization_id = gone);
  delete from contacts_carevisit old using contacts_carevisit mine
   where old.organization_id = gone and mine.organization_id = kept and old.member_id = mine.member_id
     and old.festival = mine.festival and old.year = mine.year;
  update contacts_carevisit set organization_id = kept where organization_id = gone;
end $$;
revoke execute on function portal.merge_rows_contacts_carevisit(uuid, uuid) from {app};
