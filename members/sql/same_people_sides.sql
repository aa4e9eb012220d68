-- What the superior is shown of the two files, what each side is asked, and how many files of a total are in doubt.

-- The two files of each case that the actor may settle: enough to decide without the right to see members.
create function portal.same_person_files(cases uuid[])
returns table (case_id uuid, file_id uuid, place int, surname text, organization_id uuid, direction text,
               is_kept boolean, answer text, obstacle text)
language sql stable security definer rows 20 set search_path = pg_catalog, public, pg_temp as $$
  select c.id, m.id, f.place, left(m.name, 1), m.organization_id,
         coalesce((select min(v.direction) from public.members_movement v where v.member_id = m.id and v.ended_on = ''), ''),
         coalesce(m.id = coalesce(c.kept_id, p.kept), false), f.answer,
         case when c.state in ('open', 'asked', 'refused') then p.obstacle else '' end
    from public.members_samepersoncase c
   cross join lateral portal.same_person_plan(c.first_id, c.second_id) p
   cross join lateral (values (c.first_id, 1, c.first_answer), (c.second_id, 2, c.second_answer)) f (id, place, answer)
    join public.members_member m on m.id = f.id
   where c.id = any (cases) and c.organization_id = any ((select portal.organization_ids('merge_across'))::uuid[])
   order by c.id, f.place
$$;

-- The questions that wait for the actor's own side: the own file, and the other organization. Nothing before the
-- superior asks, nothing of the other file, and not what the other side answered.
create function portal.same_person_questions()
returns table (case_id uuid, file_id uuid, other_organization_id uuid, answer text)
language sql stable security definer rows 20 set search_path = pg_catalog, public, pg_temp as $$
  select c.id, own.id, other.organization_id, f.answer
    from public.members_samepersoncase c
   cross join lateral (values (c.first_id, c.second_id, c.first_answer), (c.second_id, c.first_id, c.second_answer))
              f (own, other, answer)
    join public.members_member own on own.id = f.own
    join public.members_member other on other.id = f.other
   where c.state = 'asked' and own.organization_id = any ((select portal.organization_ids('change_members'))::uuid[])
   order by c.changed_at, c.id, own.id
$$;

-- Answer for the own file. With the second consent the files are linked; a refusal goes back to the superior. Answers
-- 'noted', 'linked', or 'over' when the question was settled meanwhile.
create function portal.answer_same_person(which uuid, file uuid, agrees boolean, why text) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  pair public.members_samepersoncase;
  own uuid;
begin
  select * into pair from public.members_samepersoncase c where c.id = which for update;
  select m.organization_id into own from public.members_member m
   where m.id = file and m.id in (pair.first_id, pair.second_id);
  -- a side learns of a case by the question alone: without one, there is none
  if not coalesce(portal.may('change_members', own), false) or pair.state in ('open', 'dismissed', 'outdated') then
    raise exception 'same_person_refused' using errcode = 'insufficient_privilege';
  end if;
  if pair.state <> 'asked' or (not agrees and why = '') then return 'over'; end if;
  update public.members_samepersoncase c
     set first_answer = case c.first_id when file then case when agrees then 'yes' else 'no' end else c.first_answer end,
         second_answer = case c.second_id when file then case when agrees then 'yes' else 'no' end
                                          else c.second_answer end,
         state = case when agrees then 'asked' else 'refused' end, changed_at = now(),
         reason = case when agrees then '' else why end
   where c.id = which
  returning * into pair;
  perform portal.note_same_person(case when agrees then 'same_person_agreed' else 'same_person_declined' end, which, file);
  if pair.first_answer = 'yes' and pair.second_answer = 'yes' and portal.join_same_person(which) = '' then
    return 'linked';
  end if;
  return 'noted';
end $$;

-- How many files in the actor's totals stand in a case that nobody has settled yet: they may be counted twice.
create function portal.same_people_counted() returns bigint
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select count(distinct file.id) from public.members_samepersoncase c
   cross join lateral (values (c.first_id), (c.second_id)) file (id)
   where c.state in ('open', 'asked', 'refused')
     and c.organization_id = any ((select portal.organization_ids('view_aggregates'))::uuid[])
$$;
