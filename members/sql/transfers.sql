-- Transfers of members between organizations, and the end of a side. A transfer crosses the scope of whoever writes it:
-- the table is written by these functions alone, and each asks the resolver for change_members on the right end.
-- Every function locks the member first and the transfer second, so that two at once wait instead of colliding.

alter table members_transfer enable row level security;
create policy see on members_transfer for select using (
  from_organization_id = any ((select portal.organization_ids('change_members'))::uuid[])
  or to_organization_id = any ((select portal.organization_ids('change_members'))::uuid[]));
revoke insert, update, delete on members_transfer from {app};

-- Above, below or the same: the work of one line of offices.
create function portal.in_line(one uuid, other uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select exists (select 1 from public.portal_organization a, public.portal_organization b
                  where a.id = one and b.id = other
                    and (a.path operator(public.@>) b.path or a.path operator(public.<@) b.path))
$$;

create function portal.note_transfer(what text, organization uuid, transfer uuid, kind text) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into public.portal_auditentry (id, at, actor, action, organization_id, object_type, object_id, detail)
  values (gen_random_uuid(), now(), coalesce(portal.actor(), ''), what, organization, 'transfer', transfer,
          jsonb_build_object('kind', kind))
$$;

-- Called by the functions and triggers below, not by the app role.
revoke execute on function portal.in_line(uuid, uuid), portal.note_transfer(text, uuid, uuid, text) from {app};

-- The managing organization of a member on which the actor may change members; the row stays locked. Else a refusal.
create function portal.lock_managed_member(subject uuid) returns uuid
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare manager uuid;
begin
  select m.organization_id into manager from public.members_member m
   where m.id = subject and m.same_as_id is null and portal.may('change_members', m.organization_id);
  if manager is null then raise exception 'transfer_refused' using errcode = 'insufficient_privilege'; end if;
  select m.organization_id into manager from public.members_member m where m.id = subject for no key update;
  if not portal.may('change_members', manager) then  -- moved while we waited
    raise exception 'transfer_refused' using errcode = 'insufficient_privilege';
  end if;
  return manager;
end $$;
revoke execute on function portal.lock_managed_member(uuid) from {app};

-- Ask another organization. Answers 'proposed', or why not: 'open' (asked already), 'no_movement' (nobody is away in
-- that direction), 'has_side' (another organization has the side), 'no_target'.
create function portal.propose_transfer(new_id uuid, new_key bytea, subject uuid, wanted text, target uuid,
                                        handed bytea, mark bytea) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  manager uuid := portal.lock_managed_member(subject);
  other uuid;
begin
  if target = manager or not exists (
       select 1 from public.portal_organization o
        where o.id = target and o.is_active and o.kind in ('street', 'community', 'branch')) then
    return 'no_target';
  end if;
  if wanted in ('host', 'home') then
    select case wanted when 'host' then v.host_organization_id else v.home_organization_id end into other
      from public.members_movement v
     where v.member_id = subject and v.ended_on = ''
       and v.direction = case wanted when 'host' then 'outflow' else 'inflow' end;
    if not found then return 'no_movement'; end if;
    if other is not null and other <> manager then return 'has_side'; end if;
  end if;
  insert into public.members_transfer (id, data_key, member_id, kind, state, from_organization_id, to_organization_id,
                                       to_text, handed_over_sealed, handed_over_digest, proposed_at)
  values (new_id, new_key, subject, wanted, 'proposed', manager, target, '', handed, mark, now())
  on conflict do nothing;
  if not found then return 'open'; end if;
  perform portal.note_transfer('propose_transfer', manager, new_id, wanted);
  return 'proposed';
end $$;

-- Note what went to an organization outside the portal: there is nobody to answer, so it is done at once.
create function portal.note_transfer_outside(new_id uuid, new_key bytea, subject uuid, wanted text, target text,
                                             handed bytea, mark bytea) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare manager uuid := portal.lock_managed_member(subject);
begin
  insert into public.members_transfer (id, data_key, member_id, kind, state, from_organization_id, to_text,
                                       handed_over_sealed, handed_over_digest, proposed_at, decided_at)
  values (new_id, new_key, subject, wanted, 'accepted', manager, target, handed, mark, now(), now());
  perform portal.note_transfer('transfer_outside', manager, new_id, wanted);
end $$;

-- The open transfer, locked after its member, if the actor may change members on the asked end ('to' or 'from'); null
-- when somebody decided it meanwhile. A refusal tells nothing about whether there is such a transfer.
create function portal.lock_open_transfer(transfer uuid, side text) returns public.members_transfer
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare found_row public.members_transfer;
begin
  select t.* into found_row from public.members_transfer t
   where t.id = transfer
     and portal.may('change_members', case side when 'to' then t.to_organization_id else t.from_organization_id end);
  if not found then raise exception 'transfer_refused' using errcode = 'insufficient_privilege'; end if;
  perform 1 from public.members_member m where m.id = found_row.member_id for no key update;
  select t.* into found_row from public.members_transfer t where t.id = transfer for update;
  if found_row.state <> 'proposed' then return null; end if;
  -- handed on to another office while we waited
  if not portal.may('change_members',
                    case side when 'to' then found_row.to_organization_id else found_row.from_organization_id end) then
    raise exception 'transfer_refused' using errcode = 'insufficient_privilege';
  end if;
  return found_row;
end $$;
revoke execute on function portal.lock_open_transfer(uuid, text) from {app};

-- Accept, by the receiving side. Answers 'accepted', 'over' (decided or withdrawn meanwhile), or 'impossible', which
-- has one text whatever the reason: a file with the same number, an episode that ended, an office out of use. Of what was
-- handed over the name stays (`kept`), by which either end knows the entry once the file is out of its sight.
create function portal.accept_transfer(transfer uuid, kept bytea, kept_mark bytea) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare t public.members_transfer := portal.lock_open_transfer(transfer, 'to');
begin
  if t.id is null then return 'over'; end if;
  if not exists (select 1 from public.portal_organization o where o.id = t.to_organization_id and o.is_active) then
    return 'impossible';
  end if;
  begin
    update public.members_transfer
       set state = 'accepted', decided_at = now(), handed_over_sealed = kept, handed_over_digest = kept_mark
     where id = t.id;
    if t.kind = 'manage' then
      update public.members_member set organization_id = t.to_organization_id, updated_at = now() where id = t.member_id;
    elsif t.kind = 'host' then
      update public.members_movement set host_organization_id = t.to_organization_id, host_text = ''
       where member_id = t.member_id and direction = 'outflow' and ended_on = '';
    else
      update public.members_movement set home_organization_id = t.to_organization_id, home_text = ''
       where member_id = t.member_id and direction = 'inflow' and ended_on = '';
    end if;
    if not found then raise exception 'transfer_impossible' using errcode = 'unique_violation'; end if;
  exception when unique_violation or exclusion_violation then return 'impossible';  -- all of this block is undone
  end;
  perform portal.note_transfer('accept_transfer', t.to_organization_id, t.id, t.kind);
  perform portal.note_transfer('accept_transfer', t.from_organization_id, t.id, t.kind);
  return 'accepted';
end $$;

-- Send back, by the receiving side, with a reason. What was handed over is wiped.
create function portal.return_transfer(transfer uuid, reason bytea, mark bytea) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare t public.members_transfer := portal.lock_open_transfer(transfer, 'to');
begin
  if t.id is null then return 'over'; end if;
  update public.members_transfer
     set state = 'returned', decided_at = now(), answer_sealed = reason, answer_digest = mark,
         handed_over_sealed = null, handed_over_digest = null
   where id = t.id;
  perform portal.note_transfer('return_transfer', t.to_organization_id, t.id, t.kind);
  return 'returned';
end $$;

-- Take the proposal back, by the proposing side.
create function portal.withdraw_transfer(transfer uuid) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare t public.members_transfer := portal.lock_open_transfer(transfer, 'from');
begin
  if t.id is null then return 'over'; end if;
  update public.members_transfer
     set state = 'withdrawn', decided_at = now(), handed_over_sealed = null, handed_over_digest = null
   where id = t.id;
  perform portal.note_transfer('withdraw_transfer', t.from_organization_id, t.id, t.kind);
  return 'withdrawn';
end $$;

-- End the two-sidedness of an open movement, by either side: the organization that does not manage the file becomes
-- text. `note` is the accepted transfer that made the side, or a new id where there was none: it is what the other side
-- reads afterwards. Answers 'ended', or 'over' when the side has ended already.
create function portal.end_side(movement uuid, note uuid, note_key bytea, ended date, handed bytea, handed_mark bytea,
                                reason bytea, mark bytea) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  away public.members_movement;
  manager uuid;
  other uuid;
  by_other boolean;
begin
  select v.* into away from public.members_movement v where v.id = movement;
  select m.organization_id into manager from public.members_member m where m.id = away.member_id for no key update;
  select v.* into away from public.members_movement v where v.id = movement;
  other := case away.direction when 'outflow' then away.host_organization_id else away.home_organization_id end;
  by_other := not portal.may('change_members', manager);
  if by_other and not (away.ended_on = '' and portal.may('change_members', other)) then
    raise exception 'transfer_refused' using errcode = 'insufficient_privilege';
  end if;
  if other is null or other = manager or away.ended_on <> '' then return 'over'; end if;
  update public.members_transfer t
     set state = 'ended', ended_on = ended, ended_by_id = case when by_other then other else manager end,
         answer_sealed = reason, answer_digest = mark
   where t.id = note and t.member_id = away.member_id and t.state = 'accepted' and t.to_organization_id = other;
  if not found then
    insert into public.members_transfer (id, data_key, member_id, kind, state, from_organization_id, to_organization_id,
           to_text, handed_over_sealed, handed_over_digest, answer_sealed, answer_digest, proposed_at, decided_at,
           ended_on, ended_by_id)
    values (note, note_key, away.member_id, case away.direction when 'outflow' then 'host' else 'home' end, 'ended',
            manager, other, '', handed, handed_mark, reason, mark, now(), now(), ended,
            case when by_other then other else manager end);
  end if;
  update public.members_movement v
     set host_organization_id = case when v.direction = 'outflow' then null else v.host_organization_id end,
         host_text = case when v.direction = 'outflow' then o.label else v.host_text end,
         home_organization_id = case when v.direction = 'inflow' then null else v.home_organization_id end,
         home_text = case when v.direction = 'inflow' then o.label else v.home_text end
    from (select coalesce(nullif(party_name, ''), name) as label from public.portal_organization where id = other) o
   where v.id = away.id;
  perform portal.note_transfer('end_side', case when by_other then other else manager end, note, away.direction);
  return 'ended';
end $$;

-- A side that ended in another way (the form, the end of the movement) shows as ended to both.
create function portal.close_transfers() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.members_transfer t
     set state = 'ended', ended_on = portal.today(), ended_by_id = m.organization_id
    from public.members_member m, public.portal_organization o
   where t.member_id in (select c.member_id from changed_rows c) and m.id = t.member_id and o.id = t.to_organization_id
     and t.state = 'accepted' and t.kind <> 'manage'
     and not exists (  -- an office that was merged into another is that one
       select 1 from public.members_movement v
        where v.member_id = t.member_id and v.ended_on = ''
          and case t.kind when 'host' then v.host_organization_id else v.home_organization_id end
              in (o.id, o.merged_into_id));
  return null;
end $$;
create trigger close_transfers after update on members_movement referencing new table as changed_rows
  for each statement execute function portal.close_transfers();

-- Another organization manages the file now, by whatever way it came. Its own side of open movements follows, unless it
-- names an office of the new line already; where the new manager was the other side, the two change places. What was
-- asked of others stays asked, in the new manager's name; an offer of the whole file is over. A manager that was merged
-- into another one is no change: the merge itself rewrites what names it.
create function portal.follow_manager() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare moved uuid[] := array(
  select n.id from changed_rows n join former_rows f on f.id = n.id
    join public.portal_organization o on o.id = f.organization_id
   where f.organization_id <> n.organization_id and o.merged_into_id is distinct from n.organization_id);
begin
  if cardinality(moved) = 0 then return null; end if;
  update public.members_transfer t
     set state = case t.kind when 'manage' then 'withdrawn' else t.state end,
         decided_at = case t.kind when 'manage' then now() end,
         handed_over_sealed = case when t.kind <> 'manage' then t.handed_over_sealed end,
         handed_over_digest = case when t.kind <> 'manage' then t.handed_over_digest end,
         from_organization_id = case t.kind when 'manage' then t.from_organization_id else n.organization_id end
    from changed_rows n
   where n.id = t.member_id and t.member_id = any (moved) and t.state = 'proposed';
  with side as materialized (
    select v.id, v.direction, f.organization_id as former, n.organization_id as manager,
           case v.direction when 'outflow' then v.home_organization_id else v.host_organization_id end as own,
           case v.direction when 'outflow' then v.host_organization_id else v.home_organization_id end as other
      from changed_rows n join former_rows f on f.id = n.id
      join public.members_movement v on v.member_id = n.id and v.ended_on = ''
     where n.id = any (moved)
  ), judged as materialized (
    select side.*, other is not null and portal.in_line(other, manager) and not portal.in_line(other, former) as turns,
           own is not null and portal.in_line(own, former) and not portal.in_line(own, manager) as follows
      from side
  )
  update public.members_movement v
     set direction = case when not j.turns then v.direction when v.direction = 'outflow' then 'inflow' else 'outflow' end,
         home_organization_id = case when v.direction = 'inflow' then v.home_organization_id
           when j.turns then coalesce(j.own, j.former) when j.follows then j.manager else j.own end,
         host_organization_id = case when v.direction = 'outflow' then v.host_organization_id
           when j.turns then coalesce(j.own, j.former) when j.follows then j.manager else j.own end
    from judged j where v.id = j.id and (j.turns or j.follows);
  return null;
end $$;
create trigger follow_manager after update on members_member
  referencing old table as former_rows new table as changed_rows
  for each statement execute function portal.follow_manager();

-- When a file was last changed: the part of its history that the other side may know. Null for a member out of sight.
create function portal.member_changed_at(subject uuid) returns timestamptz
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select greatest((select max(e.pgh_created_at) from public.members_memberevent e where e.pgh_obj_id = subject),
                  (select max(e.pgh_created_at) from public.members_movementevent e where e.member_id = subject))
   where exists (select 1 from public.members_placement p
                  where p.member_id = subject and p.organization_id = any (portal.granted_nodes('view_members')))
$$;
