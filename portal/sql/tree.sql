-- The tree keeps its own paths: right under raw SQL and bulk writes, moved by one statement.
-- Labels are the ids without hyphens: stable when a code or a parent changes.

create function portal.organization_path() returns trigger
language plpgsql set search_path = pg_catalog, public as $$
declare above public.ltree;
begin
  -- the cascade below writes the paths of what moved along
  if tg_op = 'UPDATE' and pg_trigger_depth() > 1 then return new; end if;
  -- nobody gives a node away to, or takes it from, an organization outside the own subtree; the owner migrates freely
  if tg_op = 'UPDATE' and new.parent_id is distinct from old.parent_id
     and row_security_active('public.portal_organization')
     and not coalesce(portal.may('grant_access', new.parent_id) and portal.may('grant_access', old.parent_id), false) then
    raise exception 'organization_refused' using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(7301);  -- two moves must not cross: A under B while B goes under A
  if new.parent_id is null then
    new.path := replace(new.id::text, '-', '')::public.ltree;
  else
    select path into above from public.portal_organization where id = new.parent_id for key share;
    if tg_op = 'UPDATE' and above operator(public.<@) old.path then
      raise exception 'organization_cycle' using errcode = 'check_violation', constraint = 'organization_cycle';
    end if;
    new.path := above operator(public.||) replace(new.id::text, '-', '');
  end if;
  return new;
end $$;

-- As the owner: a path that a policy kept back would be a hole in the tree.
create function portal.organization_path_cascade() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  update public.portal_organization
     set path = new.path operator(public.||) public.subpath(path, public.nlevel(old.path))
   where path operator(public.<@) old.path and id <> new.id;
  return null;
end $$;

-- `path` too: a path written by hand (the empty one lies above all others) would widen every right on the node
create trigger organization_path before insert or update of parent_id, path on portal_organization
  for each row execute function portal.organization_path();
create trigger organization_path_cascade after update of parent_id on portal_organization
  for each row when (old.path is distinct from new.path) execute function portal.organization_path_cascade();
