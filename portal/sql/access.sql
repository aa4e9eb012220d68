-- On which nodes the actor (actor.sql) acts: the one resolver. Python and every policy call these functions; nothing else
-- reads grants.

-- The id of the acting user, or null where the actor is of another kind.
create function portal.actor_user() returns uuid
language sql stable security definer set search_path = pg_catalog as $$
  select case when portal.actor() like 'user.%' then substr(portal.actor(), 6)::uuid end
$$;

create function portal.today() returns date
language sql stable set search_path = pg_catalog as $$ select (now() at time zone 'Asia/Shanghai')::date $$;

-- Does a person hold, in force on this node or above it, one of the roles that a role is worth nothing without?
create function portal.has_base(person uuid, role_name text, organization uuid) returns boolean
language sql stable set search_path = pg_catalog, public as $$
  select exists (
    select 1 from public.portal_organization node
      join public.portal_organization above on above.path operator(public.@>) node.path
      join public.portal_organizationgrant g on g.content_object_id = above.id and g.user_id = person
      join public.auth_permission p on p.id = g.permission_id
      join public.portal_rolebase b on b.role = role_name and p.codename = 'role_' || b.base
     where node.id = organization and (g.until is null or g.until >= portal.today()))
$$;

-- Every (right, node) that the actor holds by a grant in force, without what lies below the nodes.
create function portal.held_rights() returns table ("right" text, organization_id uuid)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
declare
  who text := portal.actor();
  kind text := split_part(who, '.', 1);
  who_id text := split_part(who, '.', 2);
begin
  if kind = 'user' then
    return query
      select distinct r."right"::text, g.content_object_id
        from public.portal_organizationgrant g
        join public.portal_user u on u.id = g.user_id and u.is_active
        join public.auth_permission p on p.id = g.permission_id
        join public.portal_roleright r on p.codename = 'role_' || r.role
       where g.user_id = who_id::uuid
         and (g.until is null or g.until >= (now() at time zone 'Asia/Shanghai')::date)
         and (r.role not in (select b.role from public.portal_rolebase b)
              or portal.has_base(g.user_id, r.role, g.content_object_id));
  elsif kind = 'system' then  -- the id is purpose@organization
    return query
      select r."right"::text, split_part(who_id, '@', 2)::uuid
        from public.portal_purposeright r where r.purpose = split_part(who_id, '@', 1);
  end if;
end $$;

-- The nodes that a right was granted on (for tables that hold ancestors, such as placements).
create function portal.granted_nodes(wanted text) returns uuid[]
language sql stable security definer set search_path = pg_catalog as $$
  select coalesce(array_agg(h.organization_id), '{}') from portal.held_rights() h where h."right" = wanted
$$;

-- These nodes and everything below them.
create function portal.organization_ids(wanted text) returns uuid[]
language sql stable security definer set search_path = pg_catalog, public as $$
  select coalesce(array_agg(distinct below.id), '{}')
    from public.portal_organization top
    join public.portal_organization below on below.path operator(public.<@) top.path
   where top.id = any (portal.granted_nodes(wanted))
$$;

create function portal.may(wanted text, organization uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
  select exists (
    select 1 from public.portal_organization node
      join public.portal_organization above on above.path operator(public.@>) node.path
     where node.id = organization and above.id = any (portal.granted_nodes(wanted)))
$$;

-- All rights that the actor holds on one node, by one look at the grants (asking portal.may for each takes 2.5 ms).
create function portal.rights_on(organization uuid) returns setof text
language sql stable set search_path = pg_catalog, public as $$
  select distinct h."right" from portal.held_rights() h
   where h.organization_id in (
     select above.id from public.portal_organization node
       join public.portal_organization above on above.path operator(public.@>) node.path
      where node.id = organization)
$$;

-- The inverse: active users who hold a right on a node or above it. For reminders and choices of staff.
create function portal.users_with(wanted text, organization uuid) returns table (user_id uuid, role text, depth int)
language sql stable security definer set search_path = pg_catalog, public as $$
  select distinct g.user_id, r.role::text, public.nlevel(above.path)
    from public.portal_organization node
    join public.portal_organization above on above.path operator(public.@>) node.path
    join public.portal_organizationgrant g on g.content_object_id = above.id
    join public.portal_user u on u.id = g.user_id and u.is_active
    join public.auth_permission p on p.id = g.permission_id
    join public.portal_roleright r on p.codename = 'role_' || r.role and r."right" = wanted
   where node.id = organization and portal.actor() is not null
     and (g.until is null or g.until >= (now() at time zone 'Asia/Shanghai')::date)
     and (r.role not in (select b.role from public.portal_rolebase b)
          or portal.has_base(g.user_id, r.role, g.content_object_id))
$$;

-- Those of them whom the actor may be told: of the actor's own office with this right, and of the offices below it.
create function portal.colleagues(wanted text, organization uuid) returns setof uuid
language sql stable set search_path = pg_catalog, public as $$
  select distinct w.user_id from portal.users_with(wanted, organization) w
   where w.depth >= (select min(public.nlevel(own.path))
                       from public.portal_organization node
                       join public.portal_organization own on own.path operator(public.@>) node.path
                      where node.id = organization and own.id = any ((select portal.organization_ids(wanted))::uuid[]))
$$;

-- Does the actor hold any role at all? Decides who may enter the staff pages (liaisons hold no right on nodes).
create function portal.has_grant() returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
  select exists (
    select 1 from public.portal_organizationgrant g join public.portal_user u on u.id = g.user_id and u.is_active
     where g.user_id = portal.actor_user()
       and (g.until is null or g.until >= (now() at time zone 'Asia/Shanghai')::date))
$$;

-- Single members that the actor reaches without a right on a node. Replaced by contacts, which knows assignments.
create function portal.assigned_member_ids() returns uuid[]
language sql stable set search_path = pg_catalog as $$ select '{}'::uuid[] $$;
