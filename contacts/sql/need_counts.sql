-- Needs by kind and community in a period. Who works for a street, or below it, reads exact numbers; above, numbers from 1
-- to 4 are hidden, with as many others as it takes so that none of them follows from what is shown.

-- `counts`: a table row by row, with the sums as its last column and last row; `width`: columns with the sums. Answers
-- which cells are hidden: the small ones, and others until each small one stands in a circle of hidden cells (else the
-- sums tell it exactly), and until no line tells a sum of hidden cells below 5.
create function portal.hide_small(counts int[], width int) returns boolean[]
language plpgsql immutable set search_path = pg_catalog as $$
declare
  height int := cardinality(counts) / width;
  hidden boolean[] := array(
    select t.c between 1 and 4 from unnest(counts) with ordinality as t (c, place) order by t.place);
  small boolean[] := hidden;
  masks int[];  -- of each row, the columns of its hidden cells
  changed boolean;
  first int; step int; cells int; place int; best int; total int; shut int; told int;
  reached int; before int; col int;
begin
  loop
    changed := false;
    for line in 1..height + width loop
      if line <= height then
        first := (line - 1) * width + 1; step := 1; cells := width;
      else
        first := line - height; step := width; cells := height;
      end if;
      total := first + (cells - 1) * step;
      shut := 0; told := 0; best := null;
      for number in 0..cells - 1 loop
        place := first + number * step;
        if hidden[place] then
          shut := shut + 1;
          if place <> total then told := told + counts[place]; end if;
        elsif best is null or (counts[place] = 0, counts[place]) < (counts[best] = 0, counts[best]) then
          best := place;
        end if;
      end loop;
      if best is not null and (shut = 1 or (shut > 0 and not hidden[total] and told < 5)) then
        hidden[best] := true; changed := true;
      end if;
    end loop;
    continue when changed;

    masks := array(select sum(case when hidden[(r - 1) * width + c] then 1 << c else 0 end)::int
                     from generate_series(1, height) r, generate_series(1, width) c group by r order by r);
    for spot in 1..height * width loop
      continue when not small[spot];
      col := (spot - 1) % width + 1;
      reached := masks[(spot - 1) / width + 1] & ~(1 << col);
      loop  -- columns that hidden cells lead to, without this one
        before := reached;
        for r in 1..height loop
          if r <> (spot - 1) / width + 1 and masks[r] & reached <> 0 then reached := reached | masks[r]; end if;
        end loop;
        exit when before = reached;
      end loop;
      if reached & (1 << col) = 0 then
        best := null;
        for other in 1..height * width loop
          if not hidden[other] and ((other - 1) / width = (spot - 1) / width or (other - 1) % width = (spot - 1) % width)
             and (best is null or (counts[other] = 0, counts[other]) < (counts[best] = 0, counts[best])) then
            best := other;
          end if;
        end loop;
        if best is not null then
          hidden[best] := true; changed := true;
          exit;
        end if;
      end if;
    end loop;
    exit when not changed;
  end loop;
  return hidden;
end $$;

-- Whoever works for a street, or below it, at or above the node.
create function portal.reads_exactly(node uuid) returns boolean
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  select exists (
    select 1 from public.portal_organization here
      join public.portal_organization top on top.path operator(public.@>) here.path
     where here.id = node and top.kind in ('street', 'community', 'branch')
       and top.id = any (portal.granted_nodes('view_aggregates')))
$$;

-- Rows without an organization and with an empty category are the sums; a null number is hidden. Above the street only
-- whole districts and calendar quarters are told: tables that overlap would give the hidden numbers away.
create function portal.need_counts(node uuid, first date, months int)
returns table (organization_id uuid, category text, needs int)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  kinds constant text[] := array['work', 'health', 'housing', 'school', 'law', 'insurance', 'papers', 'hardship', 'other'];
  here public.portal_organization;
  exact constant boolean := portal.reads_exactly(node);
  places uuid[];
  counts int[];
  hidden boolean[];
  width constant int := cardinality(kinds) + 1;
begin
  select * into here from public.portal_organization o where o.id = node;
  if not coalesce(portal.may('view_aggregates', node), false) or months not in (3, 12)
     or first <> date_trunc(case months when 3 then 'quarter' else 'year' end, first)::date
     or (not exact and (here.kind <> 'district' or months <> 3)) then
    raise exception 'counts_refused' using errcode = 'insufficient_privilege';
  end if;
  with below as (
    select o.id, o.path, o.kind, o.is_active from public.portal_organization o
     where o.path operator(public.<@) here.path
  ), told as materialized (
    select coalesce((select above.id from below above
                      where above.kind = 'community' and above.path operator(public.@>) b.path limit 1), b.id) as place,
           n.category
      from below b join public.contacts_need n on n.organization_id = b.id
     where n.raised_on >= first and n.raised_on < first + make_interval(months => months)
  ), listed as (
    select b.id, b.path from below b
     where (b.kind = 'community' and b.is_active) or b.id in (select t.place from told t)
  ), ordered as (
    select array_agg(l.id order by l.path) as ids from listed l
  ), sums as (
    select array_position(w.ids, t.place) as i, array_position(kinds, t.category) as j, count(*)::int as c
      from told t cross join ordered w
     group by cube (array_position(w.ids, t.place), array_position(kinds, t.category))
  )
  select w.ids, array(
    select coalesce(s.c, 0) from generate_series(1, coalesce(cardinality(w.ids), 0) + 1) a
      cross join generate_series(1, width) b
      left join sums s on coalesce(s.i, coalesce(cardinality(w.ids), 0) + 1) = a and coalesce(s.j, width) = b
     order by a, b)
    into places, counts from ordered w;
  places := coalesce(places, '{}');
  hidden := case when not exact then portal.hide_small(counts, width) end;
  return query
    select places[a], coalesce(kinds[b], ''), case when exact or not hidden[(a - 1) * width + b]
                                                   then counts[(a - 1) * width + b] end
      from generate_series(1, cardinality(places) + 1) a, generate_series(1, width) b
     order by a, b;
end $$;
