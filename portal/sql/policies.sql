-- Wall two for the tables of portal. No FORCE: nothing connects as the owner except migrations and backups.

alter table portal_organizationgrant enable row level security;
create policy own_and_granted on portal_organizationgrant for select using (
  user_id = (select portal.actor_user())
  or content_object_id = any ((select portal.organization_ids('grant_access'))::uuid[]));
revoke insert, update, delete on portal_organizationgrant from {app};

-- Is the organization the actor's: by whatever right on it or above it, or as that of the acting work link?
create function portal.has_any_right(organization uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public as $$
begin
  return exists (
    select 1 from public.portal_organization node
      join public.portal_organization above on above.path operator(public.@>) node.path
      join portal.held_rights() h on h.organization_id = above.id
     where node.id = organization)
    or exists (select 1 from public.portal_worklink k
                where k.id = portal.actor_link() and k.subject_kind = 'liaison' and k.organization_id = organization);
end $$;

-- Hook: is this a row of the organization that the actor sees although the organization is not the actor's? Replaced by
-- members. Runs as its caller, so that the policies of the row's own table answer.
create function portal.sees_object_of(organization uuid, object uuid) returns boolean
language sql stable set search_path = pg_catalog as $$ select false $$;

alter table portal_auditentry enable row level security;
create policy read_audit on portal_auditentry for select using (
  organization_id = any ((select portal.organization_ids('view_audit'))::uuid[]));
-- In the own name, about the own organizations or a row of somebody else's that one sees.
create policy write_own on portal_auditentry for insert with check (
  actor = (select portal.actor())
  and ((select portal.has_any_right(organization_id)) or (select portal.sees_object_of(organization_id, object_id))));
revoke update, delete on portal_auditentry from {app};

-- Everybody may read the tree (names of public offices); only administrators of a node change what is below it.
alter table portal_organization enable row level security;
create policy see on portal_organization for select using (true);
create policy make on portal_organization for insert with check (
  parent_id = any ((select portal.organization_ids('grant_access'))::uuid[]));
create policy change on portal_organization for update using (
  id = any ((select portal.organization_ids('grant_access'))::uuid[]));
revoke delete on portal_organization from {app};
-- which roles fit a node follows from its kind, so nobody rewrites that on the own street
revoke update on portal_organization from {app};
grant update (name, short_name, party_name, sector, parent_id, path, is_active) on portal_organization to {app};

-- The signer is for the resolver alone: whoever could call it could forge an actor.
revoke execute on function portal.hmac_sha256(bytea), portal.read_actor(), portal.recorded_actor() from {app};

-- Configuration that only migrations write.
revoke insert, update, delete on portal_roleright, portal_purposeright, portal_rolekind, portal_rolebase from {app};
