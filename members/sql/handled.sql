-- A member's file that the actor sees, by placement or by assignment, although another organization manages it: the policy
-- of members answers. Replaces the stub of portal; asked by the policy of the audit log.

create or replace function portal.sees_object_of(organization uuid, object uuid) returns boolean
language sql stable set search_path = pg_catalog, public as $$
  select exists (select 1 from public.members_member m where m.id = object and m.organization_id = organization)
$$;
