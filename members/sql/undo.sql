-- Undoing an imported ledger: history names what it wrote (pgh_source) and holds what stood there before.
--
-- A person whose file was changed since is left as it is, with everything; so is a new one that other rows point to by
-- now. Tables that point to members say what they think of it in functions of their own, found by name:
--   portal.blocks_undo_TABLE(ids uuid[], batch uuid, at timestamptz) returns setof uuid: members that must stay because of
--     this table's rows; a table without it blocks by any row
--   portal.undo_rows_TABLE(ids uuid[], at timestamptz): remove what the import itself brought about (`at`: its transaction)

-- Without a constraint, which costs an import as much as the row: portal.references_to is told in words.
comment on column members_importedrow.member_id is 'references members_member';

create index member_event_source on members_memberevent (pgh_source) where pgh_source is not null;
create index movement_event_source on members_movementevent (pgh_source) where pgh_source is not null;
create index phone_event_source on members_phoneevent (pgh_source) where pgh_source is not null;

alter table members_importedrow enable row level security;
create policy see on members_importedrow for select using (
  exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('view_members'))::uuid[])));
revoke insert, update, delete on members_importedrow from {app};

-- Which row named whom. The import and every member are asked about here, once for all; that is why the table has no
-- foreign keys, which would ask for each row: a tenth of an import.
create function portal.note_imported_rows(batch uuid, members uuid[], sheets text[], numbers int[]) returns void
language plpgsql security definer set search_path = pg_catalog, public
  set plan_cache_mode = force_custom_plan as $$
declare
  nodes uuid[] := portal.organization_ids('import_ledger');
  noted bigint;
begin
  if not exists (select from public.members_ledgerimport b where b.id = batch and b.organization_id = any (nodes)) then
    raise exception 'import_refused' using errcode = 'insufficient_privilege';
  end if;
  insert into public.members_importedrow (batch_id, member_id, sheet, row)
  select batch, m.id, one.sheet, one.number
    from unnest(members, sheets, numbers) as one (member, sheet, number)
    join public.members_member m on m.id = one.member and m.organization_id = any (nodes)
   order by m.id;
  get diagnostics noted = row_count;
  if noted <> cardinality(members) then
    raise exception 'import_refused' using errcode = 'insufficient_privilege';
  end if;
end $$;

create function portal.drop_imported_rows() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  delete from public.members_importedrow r using gone_rows g where r.member_id = g.id;
  return null;
end $$;
create trigger drop_imported_rows after delete on members_member referencing old table as gone_rows
  for each statement execute function portal.drop_imported_rows();

-- Episodes and phones have histories of their own, which are asked for changes since.
create function portal.blocks_undo_members_movement(ids uuid[], batch uuid, at timestamptz) returns setof uuid
language sql stable set search_path = pg_catalog, public as $$ select null::uuid where false $$;
create function portal.blocks_undo_members_phone(ids uuid[], batch uuid, at timestamptz) returns setof uuid
language sql stable set search_path = pg_catalog, public as $$ select null::uuid where false $$;
-- A mark of the nightly job.
create function portal.blocks_undo_members_stalefile(ids uuid[], batch uuid, at timestamptz) returns setof uuid
language sql stable set search_path = pg_catalog, public as $$ select null::uuid where false $$;
-- Another ledger names the person too.
create function portal.blocks_undo_members_importedrow(ids uuid[], batch uuid, at timestamptz) returns setof uuid
language sql stable set search_path = pg_catalog, public as $$
  select r.member_id from public.members_importedrow r where r.member_id = any (ids) and r.batch_id <> batch
$$;

-- Members that other rows hold on to.
create function portal.members_in_use(ids uuid[], batch uuid, at timestamptz) returns setof uuid
language plpgsql stable set search_path = pg_catalog, public as $$
declare ref record;
begin
  for ref in
    select r.*, to_regprocedure('portal.blocks_undo_' || r.relname || '(uuid[], uuid, timestamptz)') as own
      from portal.references_to('public.members_member') r
  loop
    if ref.own is null then
      return query execute format('select %I from %s where %1$I = any ($1)', ref.attname, ref.table_name) using ids;
    else
      return query execute format('select portal.blocks_undo_%I($1, $2, $3)', ref.relname) using ids, batch, at;
    end if;
  end loop;
end $$;

-- The rows of one table as they were before: what the ledger added goes, what it changed gets its former values.
create function portal.undo_table(table_name regclass, events regclass, member_column text, mark text, ids uuid[])
returns void language plpgsql set search_path = pg_catalog, public as $$
declare
  pairs text;
begin
  select string_agg(format('%1$I = former.%1$I', e.attname), ', ') into pairs
    from pg_attribute e join pg_attribute t on t.attrelid = table_name and t.attname = e.attname and t.attnum > 0
   where e.attrelid = events and e.attnum > 0 and not e.attisdropped and e.attname <> 'id';
  execute format($sql$
    with written as (
      select id, min(pgh_id) as first, bool_or(pgh_label = 'insert') as is_new
        from %2$s where pgh_source = $1 and %3$I = any ($2) group by id)
    delete from %1$s t using written w where t.id = w.id and w.is_new
  $sql$, table_name, events, member_column) using mark, ids;
  execute format($sql$
    with written as (
      select id, min(pgh_id) as first from %2$s where pgh_source = $1 and %3$I = any ($2) group by id)
    update %1$s t set %4$s
      from written w, lateral (
        select * from %2$s e where e.id = w.id and e.pgh_id < w.first order by e.pgh_id desc limit 1) former
     where t.id = w.id
  $sql$, table_name, events, member_column, pairs) using mark, ids;
end $$;

-- `removed`: the file is gone again; `restored`: it is as before; `changed`, `in_use`: left as it is, and why.
create function portal.undo_ledger(batch uuid) returns table (member_id uuid, outcome text)
language plpgsql security definer set search_path = pg_catalog, public
  set plan_cache_mode = force_custom_plan as $$
declare
  mark text := 'ledger:' || batch;
  at timestamptz;
  touched uuid[];
  changed uuid[];
  fresh uuid[];
  used uuid[];
  restored uuid[];
  ref record;
begin
  perform 1 from public.members_ledgerimport b
    where b.id = batch and b.state = 'applied' and portal.may('import_ledger', b.organization_id) for update;
  if not found then
    raise exception 'undo_refused' using errcode = 'insufficient_privilege';
  end if;
  select array_agg(distinct e.id), min(e.made_at) into touched, at from (
    select pgh_obj_id as id, pgh_created_at as made_at from public.members_memberevent where pgh_source = mark
    union all
    select v.member_id, pgh_created_at from public.members_movementevent v where v.pgh_source = mark
    union all
    select p.member_id, pgh_created_at from public.members_phoneevent p where p.pgh_source = mark) e;
  if touched is null then return; end if;
  perform 1 from public.members_member m where m.id = any (touched) order by m.id for update;

  select coalesce(array_agg(one.id), '{}') into changed from unnest(touched) as one (id)
   where not exists (select from public.members_member m where m.id = one.id and m.same_as_id is null
                        and m.organization_id = any (portal.organization_ids('import_ledger')))
      or exists (select from public.members_memberevent e where e.pgh_obj_id = one.id and e.pgh_source is distinct from mark
                    and e.pgh_id > (select min(f.pgh_id) from public.members_memberevent f where f.pgh_source = mark))
      -- a ledger may write no episode and no phone at all: then the time tells what came after it
      or exists (select from public.members_movementevent e where e.member_id = one.id and e.pgh_source is distinct from mark
                    and coalesce(e.pgh_id > (select min(f.pgh_id) from public.members_movementevent f where f.pgh_source = mark),
                                 e.pgh_created_at > at))
      or exists (select from public.members_phoneevent e where e.member_id = one.id and e.pgh_source is distinct from mark
                    and coalesce(e.pgh_id > (select min(f.pgh_id) from public.members_phoneevent f where f.pgh_source = mark),
                                 e.pgh_created_at > at));
  select coalesce(array_agg(e.pgh_obj_id), '{}') into fresh from public.members_memberevent e
   where e.pgh_source = mark and e.pgh_label = 'insert' and e.pgh_obj_id <> all (changed);
  select coalesce(array_agg(distinct one.id), '{}') into used from portal.members_in_use(fresh, batch, at) as one (id);
  fresh := array(select one.id from unnest(fresh) as one (id) except select one.id from unnest(used) as one (id));
  restored := array(select one.id from unnest(touched) as one (id)
                    except (select unnest(changed) union all select unnest(used) union all select unnest(fresh)));

  -- episodes before what follows from them (obligations would be made again), files before what the ledger logged for them
  perform portal.undo_table('public.members_movement', 'public.members_movementevent', 'member_id', mark, fresh || restored);
  perform portal.undo_table('public.members_phone', 'public.members_phoneevent', 'member_id', mark, fresh || restored);
  perform portal.undo_table('public.members_member', 'public.members_memberevent', 'pgh_obj_id', mark, restored);
  for ref in
    select r.*, to_regprocedure('portal.undo_rows_' || r.relname || '(uuid[], timestamptz)') as own
      from portal.references_to('public.members_member') r
     order by r.relname
  loop
    if ref.own is not null then
      execute format('select portal.undo_rows_%I($1, $2)', ref.relname) using fresh || restored, at;
    end if;
    execute format('delete from %s where %I = any ($1)', ref.table_name, ref.attname) using fresh;
  end loop;
  delete from public.members_member m where m.id = any (fresh);
  return query
    select one.id, 'removed' from unnest(fresh) as one (id) union all
    select one.id, 'restored' from unnest(restored) as one (id) union all
    select one.id, 'in_use' from unnest(used) as one (id) union all
    select one.id, 'changed' from unnest(changed) as one (id);
end $$;

revoke execute on function portal.members_in_use(uuid[], uuid, timestamptz),
  portal.undo_table(regclass, regclass, text, text, uuid[]) from {app};
