-- How many members a node sees, by the placement table. Replaces the stub of portal; asked by portal.people_below.

create or replace function portal.members_below(organization uuid) returns bigint
language sql stable set search_path = pg_catalog, public as $$
  select count(*) from members_placement p where p.organization_id = organization
$$;
