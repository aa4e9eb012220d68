-- One organization is merged into another of its kind. Whatever references the node that goes is found in the catalogue,
-- so a table of tomorrow is carried along too. A table whose rows of both nodes could clash has a function
-- `portal.merge_rows_TABLE(gone, kept)` in the app that owns it, called instead of the plain update; what nobody foresaw
-- ends in a constraint, and then nothing is changed.

-- Hook, replaced by members: how many people have a file in both organizations, known by the ID number. They are made one
-- file first, because no merge may choose between two files.
create function portal.files_in_both(gone uuid, kept uuid) returns bigint
language sql stable set search_path = pg_catalog as $$ select 0::bigint $$;

-- The audit log is append-only: what was written under the old name stays, and is read from the node that was kept.
create function portal.merge_rows_portal_auditentry(gone uuid, kept uuid) returns void
language sql set search_path = pg_catalog as $$ $$;

-- Who held the same role on both has it once: the later end counts, none is the latest.
create function portal.merge_rows_portal_organizationgrant(gone uuid, kept uuid) returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  update public.portal_organizationgrant mine set until = old.until, reason = old.reason
    from public.portal_organizationgrant old
   where mine.content_object_id = kept and old.content_object_id = gone
     and old.user_id = mine.user_id and old.permission_id = mine.permission_id
     and coalesce(old.until, 'infinity') > coalesce(mine.until, 'infinity');
  delete from public.portal_organizationgrant old using public.portal_organizationgrant mine
   where mine.content_object_id = kept and old.content_object_id = gone
     and old.user_id = mine.user_id and old.permission_id = mine.permission_id;
  update public.portal_organizationgrant set content_object_id = kept where content_object_id = gone;
end $$;

-- May the actor do this at all? Both ends and the superior that loses a node are the actor's, as for a move.
create function portal.may_merge(gone uuid, kept uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
  select coalesce(bool_and(portal.may(r."right", n.node)), false)
         and exists (select 1 from public.portal_organization o where o.id = gone and o.parent_id is not null)
    from (values ('grant_access'), ('merge_across')) as r ("right"),
         (select gone union select kept
          union select o.parent_id from public.portal_organization o where o.id = gone) as n (node)
$$;

-- What a merge would touch, and what stands in its way.
create function portal.merge_preview(gone uuid, kept uuid) returns table (below bigint, in_both bigint)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
begin
  if not portal.may_merge(gone, kept) then
    raise exception 'organization_refused' using errcode = 'insufficient_privilege';
  end if;
  return query select (select count(*) from public.portal_organization o
                         join public.portal_organization top on top.id = gone and o.path operator(public.<@) top.path
                        where o.id <> gone), portal.files_in_both(gone, kept);
end $$;

-- The columns that hold keys of a table. What only database functions write, out of the very rows that it names, has no
-- constraint to check each row again; there the comment of the column says so.
create function portal.references_to(wanted regclass) returns table (table_name regclass, relname name, attname name)
language sql stable set search_path = pg_catalog as $$
  select c.conrelid::regclass, t.relname, a.attname
    from pg_constraint c join pg_class t on t.oid = c.conrelid
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
   where c.contype = 'f' and c.confrelid = wanted and c.conparentid = 0
  union
  select a.attrelid::regclass, t.relname, a.attname
    from pg_description d join pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid
    join pg_class t on t.oid = a.attrelid
   where d.classoid = 'pg_class'::regclass
     and d.description = 'references ' || (select w.relname from pg_class w where w.oid = wanted)
$$;

create function portal.merge_rows(gone uuid, kept uuid) returns void
language plpgsql set search_path = pg_catalog, public as $$
declare
  ref record;
begin
  for ref in
    select r.*, to_regprocedure('portal.merge_rows_' || r.relname || '(uuid, uuid)') as own
      from portal.references_to('public.portal_organization') r
     order by r.relname, r.attname
  loop
    if ref.own is null then
      execute format('update %s set %I = $2 where %I = $1', ref.table_name, ref.attname, ref.attname) using gone, kept;
    else
      execute format('select portal.merge_rows_%I($1, $2)', ref.relname) using gone, kept;
    end if;
  end loop;
end $$;

create function portal.merge_organizations(gone uuid, kept uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  old public.portal_organization;
  new public.portal_organization;
begin
  perform pg_advisory_xact_lock(7301);  -- as for a move: the tree stands still
  perform 1 from public.portal_organization o where o.id in (gone, kept) order by o.id for update;
  select * into old from public.portal_organization o where o.id = gone;
  select * into new from public.portal_organization o where o.id = kept;
  if not portal.may_merge(gone, kept) then
    raise exception 'organization_refused' using errcode = 'insufficient_privilege';
  end if;
  if old.merged_into_id = kept then return; end if;  -- asked twice
  if gone = kept or old.kind <> new.kind or old.merged_into_id is not null or not new.is_active
     or old.path operator(public.@>) new.path or old.path operator(public.<@) new.path then
    raise exception 'merge_unfit' using errcode = 'check_violation';
  end if;
  if portal.files_in_both(gone, kept) > 0 then
    raise exception 'merge_files_in_both' using errcode = 'check_violation';
  end if;
  update public.portal_organization set merged_into_id = kept, is_active = false where id = gone;
  perform portal.merge_rows(gone, kept);
  -- the old name stands below the new one, so that what was written under it is read by the same people
  update public.portal_organization set parent_id = kept where id = gone;
  insert into public.portal_auditentry (id, at, actor, action, organization_id, object_type, object_id, detail)
  values (gen_random_uuid(), now(), portal.actor(), 'merge_organizations', kept, 'portal.organization', gone,
          jsonb_build_object('from', old.parent_id, 'into', kept));
end $$;

-- Run by merge_organizations alone.
revoke execute on function portal.files_in_both(uuid, uuid), portal.merge_rows(uuid, uuid), portal.references_to(regclass),
  portal.merge_rows_portal_auditentry(uuid, uuid), portal.merge_rows_portal_organizationgrant(uuid, uuid) from {app};
-- What a merge left behind is for nobody to change by hand.
create policy change_merged on portal_organization as restrictive for update using (merged_into_id is null);
