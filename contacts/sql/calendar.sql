-- Workdays: the country's list (rows without an organization), in which an organization may set days of its own. They name
-- no person, so whoever acts may read them; an organization's days are changed like its intervals.

alter table contacts_calendarday enable row level security;
create policy see on contacts_calendarday for select using ((select portal.actor()) is not null);
create policy make on contacts_calendarday for insert with check (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
create policy change on contacts_calendarday for update using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
create policy remove on contacts_calendarday for delete using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));

alter table contacts_daterule enable row level security;
create policy see on contacts_daterule for select using ((select portal.actor()) is not null);
create policy make on contacts_daterule for insert with check (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
create policy change on contacts_daterule for update using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
create policy remove on contacts_daterule for delete using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));

-- What the nearest organization at or above says of a day, else the country, else the weekday.
create function portal.is_workday(node uuid, on_day date) returns boolean
language sql stable as $$
  select coalesce(
    (select d.is_workday
       from public.contacts_calendarday d
       join public.portal_organization here on here.id = node
       left join public.portal_organization above on above.id = d.organization_id
      where d.day = on_day and (d.organization_id is null or above.path operator(public.@>) here.path)
      order by public.nlevel(above.path) desc nulls last limit 1),
    extract(isodow from on_day) < 6)
$$;

-- The first workday after a day; null where a month of days off was set.
create function portal.next_workday(node uuid, on_day date) returns date
language sql stable as $$
  select d::date from generate_series(on_day + 1, on_day + 31, interval '1 day') d
   where portal.is_workday(node, d::date) order by d limit 1
$$;

-- Nothing is sent on a day off, unless the nearest organization at or above that decided about it says otherwise.
create or replace function portal.rests_on(node uuid, on_day date) returns boolean
language sql stable as $$
  select not portal.is_workday(node, on_day) and coalesce(
    (select r.is_on from public.contacts_daterule r
       join public.portal_organization here on here.id = node
       join public.portal_organization above on above.id = r.organization_id
        and above.path operator(public.@>) here.path
      where r.kind = 'workdays' order by public.nlevel(above.path) desc limit 1), true)
$$;

-- Two organizations are merged (portal/sql/merge.sql): the kept one's own days and rules count, the other's fill the gaps.
create function portal.merge_rows_contacts_calendarday(gone uuid, kept uuid) returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  delete from contacts_calendarday old using contacts_calendarday mine
   where old.organization_id = gone and mine.organization_id = kept and old.day = mine.day;
  update contacts_calendarday set organization_id = kept where organization_id = gone;
end $$;

create function portal.merge_rows_contacts_daterule(gone uuid, kept uuid) returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  delete from contacts_daterule old using contacts_daterule mine
   where old.organization_id = gone and mine.organization_id = kept and old.kind = mine.kind;
  update contacts_daterule set organization_id = kept where organization_id = gone;
end $$;

revoke execute on function portal.merge_rows_contacts_calendarday(uuid, uuid),
  portal.merge_rows_contacts_daterule(uuid, uuid) from {app};
