-- Wall two for the tables of portal. No FORCE: nothing connects as the owner except migrations and backups.

alter table portal_organizationgrant enable row level security;
create policy own_and_granted on portal_organizationgrant for select using (
  user_id = (select portal.actor_user())
  or content_object_id = any ((select portal.organization_ids('grant_access'))::uuid[]));
revoke insert, update, delete on portal_organizationgrant from {app};

alter table portal_auditentry enable row level security;
create policy read_audit on portal_auditentry for select using (
  organization_id = any ((select portal.organization_ids('view_audit'))::uuid[]));
create policy write_own on portal_auditentry for insert with check (actor = (select portal.actor()));
revoke update, delete on portal_auditentry from {app};

-- Everybody may read the tree (names of public offices); only administrators of a node change what is below it.
alter table portal_organization enable row level security;
create policy see on portal_organization for select using (true);
create policy make on portal_organization for insert with check (
  parent_id = any ((select portal.organization_ids('grant_access'))::uuid[]));
create policy change on portal_organization for update using (
  id = any ((select portal.organization_ids('grant_access'))::uuid[]));
revoke delete on portal_organization from {app};

-- The signer is for the resolver alone: whoever could call it could forge an actor.
revoke execute on function portal.hmac_sha256(bytea), portal.read_actor(), portal.recorded_actor() from {app};

-- Configuration that only migrations write.
revoke insert, update, delete on portal_roleright, portal_purposeright from {app};
