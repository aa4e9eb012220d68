-- Which node can see which member: the managing organization, home and host of open movements, and all their ancestors.
-- A file that was linked to another one of the same person (same_as) is seen by nobody; its organization sees the kept
-- file: as a side of the open movement, or as long as there is none.
-- Kept by statement-level triggers, so bulk writes and raw SQL are right too. Only these functions write the table.

create function portal.place_members(ids uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog, public
  set plan_cache_mode = force_custom_plan as $$
begin
  if coalesce(cardinality(ids), 0) = 0 then return; end if;
  -- Planned anew at every call, ancestors looked up once per node: a plan made for the first small batch of an import
  -- took 40 s for 10,000 rows.
  with side as materialized (
    select m.id, m.name_pinyin, m.organization_id as node from unnest(ids) as one (id) join members_member m on m.id = one.id
     where m.same_as_id is null
    union
    select m.id, m.name_pinyin, node from unnest(ids) as one (id) join members_movement v on v.member_id = one.id
           join members_member m on m.id = one.id,
           lateral (values (v.home_organization_id), (v.host_organization_id)) as both_sides (node)
     where v.ended_on = '' and node is not null and m.same_as_id is null
    union
    select m.id, m.name_pinyin, f.organization_id from unnest(ids) as one (id) join members_member f on f.same_as_id = one.id
           join members_member m on m.id = one.id
     where not exists (select 1 from members_movement v where v.member_id = m.id and v.ended_on = '')
  ), line as materialized (
    select node.id as node, above.id as organization_id
      from (select distinct side.node from side) used join portal_organization node on node.id = used.node
      join portal_organization above on above.path operator(public.@>) node.path
  ), wanted as materialized (
    select distinct side.id as member_id, line.organization_id, side.name_pinyin from side join line using (node)
  ), gone as (
    delete from members_placement p using unnest(ids) as one (id)
     where p.member_id = one.id
       and not exists (select from wanted w where w.member_id = p.member_id and w.organization_id = p.organization_id)
  )
  insert into members_placement (organization_id, member_id, name_pinyin)
  select organization_id, member_id, name_pinyin from wanted
  on conflict (organization_id, member_id) do update set name_pinyin = excluded.name_pinyin
   where members_placement.name_pinyin <> excluded.name_pinyin;
end $$;

revoke execute on function portal.place_members(uuid[]) from {app};

-- New files: no placement yet, no movement, nobody linked to them. Half the cost of an import would be asking.
create function portal.place_new_members() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  insert into members_placement (organization_id, member_id, name_pinyin)
  with line as materialized (
    select node.id as node, above.id as organization_id
      from (select distinct organization_id from changed_rows) used join portal_organization node on node.id = used.organization_id
      join portal_organization above on above.path operator(public.@>) node.path
  )
  select line.organization_id, n.id, n.name_pinyin from changed_rows n join line on line.node = n.organization_id
   where n.same_as_id is null order by 1, 3;  -- neighbours in the list; ids are in the order of time anyway
  return null;
end $$;

create function portal.place_changed_members() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform portal.place_members(array(
    select n.id from changed_rows n join former_rows f on f.id = n.id
     where (n.organization_id, n.name_pinyin, n.same_as_id) is distinct from (f.organization_id, f.name_pinyin, f.same_as_id)));
  return null;
end $$;

create function portal.place_moved_members() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform portal.place_members(array(select distinct member_id from changed_rows));
  return null;
end $$;

-- A new movement places a member under its sides: left out at once where it stands under them already, the usual case
-- in a ledger. It also ends what a linked file gave while there was no open movement.
create function portal.place_newly_moved_members() returns trigger
language plpgsql security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan as $$
begin
  perform portal.place_members(array(
    select n.member_id from changed_rows n, lateral (values (n.home_organization_id), (n.host_organization_id)) as s (node)
     where n.ended_on = '' and node is not null
       and not exists (select from members_placement p where p.member_id = n.member_id and p.organization_id = node)
    union
    select f.same_as_id from members_member f join changed_rows n on n.member_id = f.same_as_id
     where f.same_as_id is not null));
  return null;
end $$;

create function portal.drop_placements() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  delete from members_placement p using gone_rows g where p.member_id = g.id;
  return null;
end $$;

-- A moved organization carries everybody below it along.
create function portal.place_after_tree_move() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform portal.place_members(array(
    select m.id from members_member m join portal_organization o on o.id = m.organization_id
     where o.path operator(public.<@) new.path
    union
    select v.member_id from members_movement v
      join portal_organization o on o.id in (v.home_organization_id, v.host_organization_id)
     where v.ended_on = '' and o.path operator(public.<@) new.path
    union
    select m.same_as_id from members_member m join portal_organization o on o.id = m.organization_id
     where m.same_as_id is not null and o.path operator(public.<@) new.path));
  return null;
end $$;

create trigger place_inserted after insert on members_member referencing new table as changed_rows
  for each statement execute function portal.place_new_members();
create trigger place_updated after update on members_member
  referencing old table as former_rows new table as changed_rows
  for each statement execute function portal.place_changed_members();
create trigger place_deleted after delete on members_member referencing old table as gone_rows
  for each statement execute function portal.drop_placements();
create trigger place_inserted after insert on members_movement referencing new table as changed_rows
  for each statement execute function portal.place_newly_moved_members();
create trigger place_updated after update on members_movement referencing new table as changed_rows
  for each statement execute function portal.place_moved_members();
create trigger place_deleted after delete on members_movement referencing old table as changed_rows
  for each statement execute function portal.place_moved_members();
create trigger zz_place_after_move after update of parent_id on portal_organization
  for each row when (old.parent_id is distinct from new.parent_id) execute function portal.place_after_tree_move();
