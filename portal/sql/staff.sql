-- Staff and tree, changed across the actor's own rows: every function asks the resolver itself and refuses with
-- `…_refused`. Accounts belong to no organization; an account is within reach of whoever may give access on a node
-- where it holds, or once held, a role.

-- Hooks: replaced by the apps that know. Members that a node or anything below it sees.
create function portal.members_below(organization uuid) returns bigint
language sql stable set search_path = pg_catalog as $$ select 0::bigint $$;
-- Organizations that a person works for without a role there (liaisons).
create function portal.person_works_for(person uuid) returns setof uuid
language sql stable set search_path = pg_catalog as $$ select null::uuid where false $$;
-- What a person who leaves was entrusted with, inside the actor's subtree, is given up.
create function portal.person_left(person uuid) returns integer
language sql set search_path = pg_catalog as $$ select 0 $$;

-- Asked by the functions below, not by the app role.
revoke execute on function portal.members_below(uuid), portal.person_works_for(uuid), portal.person_left(uuid)
  from {app};

-- Who did what to which account. Runs as its caller, so by hand it writes no more than the policy lets one write.
create function portal.note_staff(what text, organization uuid, person uuid, more jsonb) returns void
language sql set search_path = pg_catalog, public as $$
  insert into public.portal_auditentry (id, at, actor, action, organization_id, object_type, object_id, detail)
  values (gen_random_uuid(), now(), coalesce(portal.actor(), ''), what, organization, 'portal.user', person, more)
$$;

-- The node inside the actor's subtree that an account is reached by: null when it is out of reach.
create function portal.account_node(account uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, public as $$
  select g.content_object_id from public.portal_organizationgrant g
   where g.user_id = account
     and g.content_object_id = any (portal.organization_ids('grant_access'))
   order by (g.until is null or g.until >= portal.today()) desc, g.granted_at desc limit 1
$$;

-- Is the whole account the actor's to manage: within reach, and in use nowhere else?
create function portal.manages_account(account uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public as $$
  select portal.account_node(account) is not null and account is distinct from portal.actor_user()
     and not exists (
       select g.content_object_id from public.portal_organizationgrant g
        where g.user_id = account and (g.until is null or g.until >= portal.today())
       union all select portal.person_works_for(account)
       except select unnest(portal.organization_ids('grant_access')))
$$;

-- A new password opens everything that the account may do, so it is given like a role: only by who holds all of it, and
-- never by one person where the roles took two (`manage.py changepassword` on the server remains).
create function portal.may_reset_account(account uuid) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, public as $$
begin
  return portal.manages_account(account) and not exists (
    select 1 from public.portal_organizationgrant g
      join public.auth_permission p on p.id = g.permission_id
      left join public.portal_roleright r on p.codename = 'role_' || r.role
     where g.user_id = account and (g.until is null or g.until >= portal.today())
       and ((r."right" is not null and not portal.may(r."right", g.content_object_id))
            or portal.needs_two(substr(p.codename, 6), g.content_object_id)))
    and not exists (
    select 1 from public.portal_grantrequest q
     where q.user_id = account and q.state = 'waiting' and q.expires_at > now());
end $$;

-- `hashed` is Django's encoded hash: sessions end with the old one.
create function portal.reset_account(account uuid, hashed text) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  if not portal.may_reset_account(account) then
    raise exception 'account_refused' using errcode = 'insufficient_privilege';
  end if;
  update public.portal_user set password = hashed, must_change_password = true where id = account;
  perform portal.note_staff('reset_password', portal.account_node(account), account, '{}');
end $$;

create function portal.set_account_active(account uuid, wanted boolean) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  if not portal.manages_account(account) then
    raise exception 'account_refused' using errcode = 'insufficient_privilege';
  end if;
  update public.portal_user set is_active = wanted where id = account and is_active <> wanted;
  if found then
    perform portal.note_staff(case when wanted then 'activate_account' else 'deactivate_account' end,
                              portal.account_node(account), account, '{}');
  end if;
end $$;

-- Ended by date, not deleted: who held what stays on record. Ending twice changes nothing.
create function portal.end_grant(ended uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
declare held public.portal_organizationgrant;
begin
  select * into held from public.portal_organizationgrant where id = ended for update;
  if held.id is null or held.user_id is not distinct from portal.actor_user()
     or not portal.may('grant_access', held.content_object_id) then
    raise exception 'grant_refused' using errcode = 'insufficient_privilege';
  end if;
  update public.portal_organizationgrant set until = portal.today() - 1
   where id = ended and (until is null or until >= portal.today());
  if found then
    perform portal.end_baseless_grants(held.user_id);
    perform portal.note_staff('end_grant', held.content_object_id, held.user_id, jsonb_build_object('grant', ended));
  end if;
end $$;

-- Somebody leaves: every role inside the actor's subtree ends, members get no liaison, and where the account is in use
-- nowhere else it is closed (an unusable password ends its sessions). Answers whether the account was closed.
create function portal.end_staff(account uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  node uuid := portal.account_node(account);
  whole boolean := portal.manages_account(account);
  given_up integer;
begin
  if node is null or account is not distinct from portal.actor_user() then
    raise exception 'account_refused' using errcode = 'insufficient_privilege';
  end if;
  update public.portal_organizationgrant set until = portal.today() - 1
   where user_id = account and (until is null or until >= portal.today())
     and content_object_id = any (portal.organization_ids('grant_access'));
  perform portal.end_baseless_grants(account);
  given_up := portal.person_left(account);
  if whole then
    update public.portal_user set is_active = false, password = '!' || replace(gen_random_uuid()::text, '-', '')
     where id = account;
  end if;
  perform portal.note_staff('person_left', node, account,
                            jsonb_build_object('assignments', given_up, 'closed', whole));
  return whole;
end $$;

-- How many people a change of this node touches: members that it sees, staff with a role on it or below.
create function portal.people_below(organization uuid) returns table (members bigint, staff bigint)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
begin
  if not portal.may('grant_access', organization) then
    raise exception 'organization_refused' using errcode = 'insufficient_privilege';
  end if;
  return query select portal.members_below(organization), (
    select count(distinct g.user_id) from public.portal_organizationgrant g
      join public.portal_organization below on below.id = g.content_object_id
      join public.portal_organization top on top.id = organization and below.path operator(public.<@) top.path
     where g.until is null or g.until >= portal.today());
end $$;

-- Both ends belong to the actor: nobody takes a node away from a superior, or gives it away, beyond the own subtree.
create function portal.move_organization(moved uuid, target uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
declare former uuid;
begin
  select o.parent_id into former from public.portal_organization o where o.id = moved for update;
  if former is null or not (portal.may('grant_access', moved) and portal.may('grant_access', former)
                            and portal.may('grant_access', target)) then
    raise exception 'organization_refused' using errcode = 'insufficient_privilege';
  end if;
  if former = target then return; end if;
  update public.portal_organization set parent_id = target where id = moved;
  insert into public.portal_auditentry (id, at, actor, action, organization_id, object_type, object_id, detail)
  values (gen_random_uuid(), now(), portal.actor(), 'move_organization', target, 'portal.organization', moved,
          jsonb_build_object('from', former, 'to', target));
end $$;
