-- One person, two files under two organizations. Nobody but the superior of both learns of it; the superior, or both sides
-- with their consent, link the files. The table is written by these functions alone: each asks the resolver again.
-- Every function locks the case first and the files second, so that two clicks at once wait instead of colliding.

alter table members_samepersoncase enable row level security;
create policy see on members_samepersoncase for select using (
  organization_id = any ((select portal.organization_ids('merge_across'))::uuid[]));
revoke insert, update, delete on members_samepersoncase from {app};

-- Open a case for every pair of files with one ID number below `root`, at the lowest node above both; never twice, nor
-- again after it was settled. Cases whose numbers differ by now are set aside, and come back with the number.
create function portal.find_same_people(root uuid) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set plan_cache_mode = force_custom_plan as $$
declare opened bigint;
begin
  if not coalesce(portal.may('merge_across', root), false) then
    raise exception 'same_person_refused' using errcode = 'insufficient_privilege';
  end if;
  with node as materialized (
    select n.id, n.path from public.portal_organization top
      join public.portal_organization n on n.path operator(public.<@) top.path where top.id = root
  ), twice as materialized (
    select m.id_number_digest as number from public.members_member m
     where m.id_number_digest is not null group by 1 having count(*) > 1
  ), file as materialized (
    select m.id, m.id_number_digest as number, node.path from twice
      join public.members_member m on m.id_number_digest = twice.number and m.same_as_id is null
      join node on node.id = m.organization_id
  ), pair as materialized (
    select a.id as first_id, b.id as second_id,
           (select top.id from public.portal_organization top
             where top.path operator(public.@>) a.path and top.path operator(public.@>) b.path
             order by public.nlevel(top.path) desc limit 1) as organization_id
      from file a join file b on b.number = a.number and a.id < b.id
  ), outdated as (
    update public.members_samepersoncase c set state = 'outdated', changed_at = now()
      from node where c.organization_id = node.id and c.state in ('open', 'asked', 'refused')
       and not exists (select 1 from pair p where p.first_id = c.first_id and p.second_id = c.second_id)
  )
  insert into public.members_samepersoncase as c
         (id, organization_id, first_id, second_id, state, first_answer, second_answer, reason, found_at, changed_at)
  select gen_random_uuid(), p.organization_id, p.first_id, p.second_id, 'open', '', '', '', now(), now() from pair p
  on conflict (first_id, second_id) do update
     set organization_id = excluded.organization_id, changed_at = now(),
         state = case c.state when 'outdated' then 'open' else c.state end
   where c.state = 'outdated' or c.organization_id <> excluded.organization_id;
  get diagnostics opened = row_count;
  return opened;
end $$;

-- What linking two files would do: which one is kept, which is folded into it, the kept file's open movement; or, in
-- `obstacle`, what has to happen first. The file of the home side is kept.
create function portal.same_person_plan(one uuid, other uuid, out kept uuid, out folded uuid, out movement uuid,
                                        out obstacle text)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  file record;
  away uuid[];
  here uuid[];
  ids uuid[];
  numbers bytea[];
  taken boolean := false;
begin
  for file in
    select m.id, m.id_number_digest as number,
           m.same_as_id is not null or exists (select 1 from public.members_member f where f.same_as_id = m.id) as is_taken,
           (select v.id from public.members_movement v
             where v.member_id = m.id and v.direction = 'outflow' and v.ended_on = '') as away,
           (select v.id from public.members_movement v
             where v.member_id = m.id and v.direction = 'inflow' and v.ended_on = '') as here
      from public.members_member m where m.id in (one, other) order by m.created_at, m.id
  loop
    ids := array_append(ids, file.id); away := array_append(away, file.away); here := array_append(here, file.here);
    numbers := array_append(numbers, file.number); taken := taken or file.is_taken;
  end loop;
  obstacle := case
    when taken then 'linked_already'
    when numbers[1] is distinct from numbers[2] then 'numbers_differ'
    when (away[1] is not null and here[1] is not null) or (away[2] is not null and here[2] is not null) then 'both_ways'
    when here[1] is not null and here[2] is not null then 'two_incoming'
    when away[1] is not null and away[2] is not null then 'two_outgoing'
    else '' end;
  if obstacle <> '' then return; end if;
  -- the outgoing file, else the incoming one, else the older one
  if away[2] is not null or (away[1] is null and here[2] is not null) then
    kept := ids[2]; folded := ids[1]; movement := coalesce(away[2], here[2]);
  else
    kept := ids[1]; folded := ids[2]; movement := coalesce(away[1], here[1]);
  end if;
  -- a movement that names a third organization on the portal contradicts the link
  if exists (
    select 1 from public.members_movement v
      join public.members_member m on m.id = case v.member_id when kept then folded else kept end
      join public.portal_organization side on side.id = m.organization_id
      join public.portal_organization named on named.id =
           case v.direction when 'outflow' then v.host_organization_id else v.home_organization_id end
     where v.member_id in (kept, folded) and v.ended_on = ''
       and not (named.path operator(public.@>) side.path or named.path operator(public.<@) side.path)) then
    obstacle := 'other_side';
  end if;
end $$;

create function portal.note_same_person(what text, which uuid, file uuid) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into public.portal_auditentry (id, at, actor, action, organization_id, object_type, object_id, detail)
  select gen_random_uuid(), now(), coalesce(portal.actor(), ''), what, coalesce(m.organization_id, c.organization_id),
         case when m.id is null then 'same_person' else 'member' end, coalesce(m.id, c.id),
         jsonb_build_object('case', c.id)
    from public.members_samepersoncase c left join public.members_member m on m.id = file where c.id = which
$$;

-- Fold one file into the other. The caller holds the case's lock and has asked the right. Answers '' or the obstacle.
create function portal.join_same_person(which uuid) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  pair public.members_samepersoncase;
  plan record;
  side uuid;
begin
  select * into pair from public.members_samepersoncase where id = which;
  perform 1 from public.members_member m where m.id in (pair.first_id, pair.second_id) order by m.id for no key update;
  select * into plan from portal.same_person_plan(pair.first_id, pair.second_id);
  if plan.obstacle <> '' then return plan.obstacle; end if;
  select m.organization_id into side from public.members_member m where m.id = plan.folded;
  update public.members_samepersoncase c
     set state = 'linked', reason = '', changed_at = now(), kept_id = plan.kept, movement_id = plan.movement,
         former_organization_id = (
           select case v.direction when 'outflow' then v.host_organization_id else v.home_organization_id end
             from public.members_movement v where v.id = plan.movement)
   where c.id = which;
  update public.members_member set same_as_id = plan.kept where id = plan.folded;
  update public.members_movement v
     set host_organization_id = case v.direction when 'outflow' then side else v.host_organization_id end,
         home_organization_id = case v.direction when 'inflow' then side else v.home_organization_id end
   where v.id = plan.movement;
  perform portal.place_members(array[plan.kept, plan.folded]);
  perform portal.note_same_person('same_person_linked', which, plan.kept);
  perform portal.note_same_person('same_person_linked', which, plan.folded);
  return '';
end $$;

-- The case, locked, on which the actor may merge. A refusal tells nothing about whether there is such a case.
create function portal.lock_same_person(which uuid) returns public.members_samepersoncase
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare found_row public.members_samepersoncase;
begin
  select * into found_row from public.members_samepersoncase c where c.id = which for update;
  if not coalesce(portal.may('merge_across', found_row.organization_id), false) then
    raise exception 'same_person_refused' using errcode = 'insufficient_privilege';
  end if;
  return found_row;
end $$;

revoke execute on function portal.same_person_plan(uuid, uuid), portal.note_same_person(text, uuid, uuid),
  portal.join_same_person(uuid), portal.lock_same_person(uuid) from {app};

-- Link, by the superior. Answers '' (done), 'over' (settled meanwhile) or the obstacle.
create function portal.link_same_person(which uuid) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare pair public.members_samepersoncase := portal.lock_same_person(which);
begin
  if pair.state not in ('open', 'asked', 'refused') then return 'over'; end if;
  return portal.join_same_person(which);
end $$;

-- Ask both sides. Answers '', 'over' or the obstacle: nobody is asked for what cannot be done.
create function portal.ask_same_person(which uuid) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  pair public.members_samepersoncase := portal.lock_same_person(which);
  hindrance text;
begin
  if pair.state not in ('open', 'refused') then return 'over'; end if;
  select p.obstacle into hindrance from portal.same_person_plan(pair.first_id, pair.second_id) p;
  if hindrance <> '' then return hindrance; end if;
  update public.members_samepersoncase
     set state = 'asked', first_answer = '', second_answer = '', reason = '', changed_at = now() where id = which;
  perform portal.note_same_person('same_person_asked', which, null);
  return '';
end $$;

create function portal.dismiss_same_person(which uuid, why text) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare pair public.members_samepersoncase := portal.lock_same_person(which);
begin
  if pair.state not in ('open', 'asked', 'refused') or why = '' then return 'over'; end if;
  update public.members_samepersoncase set state = 'dismissed', reason = why, changed_at = now() where id = which;
  perform portal.note_same_person('same_person_dismissed', which, null);
  return '';
end $$;

-- Take a link back, or take up a dismissed case again. The files, their placements, duties and the movement's other
-- side are as before; what either side logged meanwhile stays on its own file.
create function portal.undo_same_person(which uuid) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  pair public.members_samepersoncase := portal.lock_same_person(which);
  former uuid;
  side uuid;
begin
  if pair.state not in ('linked', 'dismissed') then return 'over'; end if;
  update public.members_samepersoncase
     set state = 'open', first_answer = '', second_answer = '', reason = '', changed_at = now(),
         kept_id = null, movement_id = null, former_organization_id = null
   where id = which;
  if pair.state = 'linked' then
    perform 1 from public.members_member m where m.id in (pair.first_id, pair.second_id) order by m.id for no key update;
    former := case pair.kept_id when pair.first_id then pair.second_id else pair.first_id end;
    select m.organization_id into side from public.members_member m where m.id = former;
    update public.members_member set same_as_id = null where id = former;
    -- a side that was changed or ended since then stays as it is now
    update public.members_movement v
       set host_organization_id = case v.direction when 'outflow' then pair.former_organization_id
                                                   else v.host_organization_id end,
           home_organization_id = case v.direction when 'inflow' then pair.former_organization_id
                                                   else v.home_organization_id end
     where v.id = pair.movement_id
       and side = case v.direction when 'outflow' then v.host_organization_id else v.home_organization_id end;
    perform portal.place_members(array[pair.first_id, pair.second_id]);
    perform portal.note_same_person('same_person_unlinked', which, pair.first_id);
    perform portal.note_same_person('same_person_unlinked', which, pair.second_id);
  else
    perform portal.note_same_person('same_person_reopened', which, null);
  end if;
  return '';
end $$;
