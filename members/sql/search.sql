-- Search by name. Array operators are not leakproof, so under a policy their index is not used (10 s instead of 5 ms at a
-- million rows). This function looks behind the wall, but inside the actor's own placements only; it returns ids, and
-- the wall judges each of them again. Either `grams` (1- and 2-character pieces of the name) or `letters` (the
-- beginning of pinyin or initials) is given; or one character and its reading as a surname. Of the ten thousands that
-- a city has of one surname, the first `most` are read in the order of the list, if they are among the first of their
-- reading.

create function portal.member_name_candidates(grams text[], letters text, most int) returns setof uuid
language plpgsql stable security definer rows 50 set search_path = pg_catalog, public as $$
declare
  nodes uuid[] := portal.granted_nodes('view_members');
  single uuid[] := portal.assigned_member_ids();
  surnamed uuid[];
begin
  -- dynamic, so that each search is planned for its own values, and for no more than there is
  if cardinality(grams) = 1 and letters <> '' then
    execute
      'select array(select p.id from unnest($2) node cross join lateral (
           select near.id, near.name_pinyin from (
               select member_id as id, name_pinyin from members_placement
                where organization_id = node and name_pinyin >= $3 and name_pinyin < $3 || ''~''
                order by name_pinyin, member_id limit $4 * 5) near
            where exists (select from members_member m where m.id = near.id and m.name_grams @> $1 offset 0)
            order by near.name_pinyin, near.id limit $4) p
         group by p.name_pinyin, p.id order by p.name_pinyin, p.id limit $4)'
      into surnamed using grams::varchar[], nodes, letters, most;
    if cardinality(surnamed) = most then
      return query select unnest(surnamed);
      return;
    end if;
  end if;
  if cardinality(grams) > 0 then
    -- in order first: of a name that many have, no more are looked up than the list takes
    return query execute
      'select m.id from (select id, name_pinyin from members_member where name_grams @> $1
                          order by name_pinyin, id offset 0) m
        where exists (select from members_placement p where p.member_id = m.id and p.organization_id = any ($2))
           or m.id = any ($3)
        order by m.name_pinyin, m.id limit $4'
      using grams::varchar[], nodes, single, most;
  elsif letters <> '' then
    return query execute
      'select id from (
         select p.member_id as id, p.name_pinyin from members_placement p
          where p.organization_id = any ($2) and p.name_pinyin >= $1 and p.name_pinyin < $1 || ''~''
         union
         select m.id, m.name_pinyin from members_member m
          where m.name_initials >= $1 and m.name_initials < $1 || ''~''
            and exists (select 1 from members_placement p where p.member_id = m.id and p.organization_id = any ($2))
         union
         select m.id, m.name_pinyin from members_member m where m.id = any ($3)
            and (starts_with(m.name_pinyin, $1) or starts_with(m.name_initials, $1))
       ) found order by name_pinyin, id limit $4'
      using letters, nodes, single, most;
  end if;
end $$;

-- How many members are placed below a node, counted up to `most`: the right is asked once for the node, where the
-- policy would ask for every row that is counted. Nothing without the right to see members there.
create function portal.count_placed(node uuid, most int) returns int
language sql stable security definer set search_path = pg_catalog, public as $$
  select count(*)::int from (
    select from members_placement where organization_id = node and (select portal.may('view_members', node)) limit most) one
$$;
