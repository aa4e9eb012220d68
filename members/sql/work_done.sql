-- Hooks: work that was done for members, and work that turned out not to have been done. Contacts replace both.

create function portal.work_done(kind text, source uuid, members uuid[], node uuid, on_day date) returns void
language sql as $$ select $$;
create function portal.work_withdrawn(kind text, source uuid, members uuid[]) returns void
language sql as $$ select $$;
revoke execute on function portal.work_done(text, uuid, uuid[], uuid, date), portal.work_withdrawn(text, uuid, uuid[])
  from {app};

-- Hook: who came to activities in a period, and whether to study or to serve. Activities replace it.
create function portal.came_to_activities(from_on date, until_on date)
returns table (member_id uuid, is_study boolean, is_service boolean)
language sql stable as $$ select null::uuid, false, false where false $$;
revoke execute on function portal.came_to_activities(date, date) from {app};
