-- Who came, for the pillars of contact work (contacts/sql/pillars.sql).

create or replace function portal.came_to_activities(from_on date, until_on date)
returns table (member_id uuid, is_study boolean, is_service boolean)
language sql stable as $$
  select t.member_id,
         a.kind in ('lesson', 'training', 'lecture', 'micro_lesson', 'film', 'discussion', 'theme_day'),
         a.kind = 'volunteer'
    from public.activities_attendance t join public.activities_activity a on a.id = t.activity_id
   where a.held_on >= from_on and a.held_on < until_on and not a.is_cancelled
$$;
revoke execute on function portal.came_to_activities(date, date) from {app};
