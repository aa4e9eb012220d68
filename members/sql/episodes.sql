-- What the episodes of one person may not contradict. Two open ones of one direction: an exclusion constraint (by a btree,
-- for with GiST an import of 10,000 rows takes 0.9 s longer). Dates that are known by year or month overlap only where no
-- reading of them avoids it; and the open ones agree on the one home and the one host organization. A trigger of the
-- statement judges those, behind the row lock of the member, so that two writers come one after the other.

alter table members_movement add constraint movement_one_open
  exclude using btree (member_id with =, direction with =) where (ended_on = '');

-- The days that an episode takes at least: from the last day that its start can mean to the first that its end can mean.
create function portal.movement_span(started text, ended text) returns daterange
language sql immutable parallel safe set search_path = pg_catalog as $$
  select case
    when ended = '' then daterange(case when started = '' then date '9999-12-31' else last_day end, null)
    when started = '' or last_day >= first_end then daterange 'empty'
    else daterange(last_day, first_end) end
    from (select case length(started)
                   when 4 then (started || '-12-31')::date
                   when 7 then ((started || '-01')::date + interval '1 month' - interval '1 day')::date
                   when 10 then started::date end as last_day,
                 case when ended <> '' then (ended || right('-01-01', 10 - length(ended)))::date end as first_end) d
$$;

create function portal.check_episodes() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set plan_cache_mode = force_custom_plan as $$
declare several uuid[];
begin
  -- looked up one by one: joined, it would read all episodes that there are
  select array_agg(distinct c.member_id) into several from changed_rows c
   cross join lateral (select from public.members_movement v where v.member_id = c.member_id and v.id <> c.id limit 1) o;
  if several is null then return null; end if;
  perform 1 from public.members_member m where m.id = any (several) order by m.id for no key update;
  if exists (
    select 1 from public.members_movement a join public.members_movement b
        on b.member_id = a.member_id and b.id > a.id
     where a.member_id = any (several)
       and (a.direction = b.direction
              and portal.movement_span(a.started_on, a.ended_on) && portal.movement_span(b.started_on, b.ended_on)
            or a.ended_on = '' and b.ended_on = ''
              and (a.home_organization_id <> b.home_organization_id or a.host_organization_id <> b.host_organization_id)
           )) then
    raise exception 'movement_contradicts' using errcode = 'exclusion_violation';
  end if;
  return null;
end $$;

create trigger check_inserted after insert on members_movement referencing new table as changed_rows
  for each statement execute function portal.check_episodes();
create trigger check_updated after update on members_movement referencing new table as changed_rows
  for each statement execute function portal.check_episodes();
