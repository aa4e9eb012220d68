-- Roles are given by these functions alone. What the screens ask beforehand is asked again here: the role fits the node
-- (portal_rolekind), nobody gives to themselves, nobody gives more than they hold, and where a role takes two persons
-- one asks and another decides. A purpose (set-up on the server, demo) acts for the owner of the server: alone, and
-- without holding anything, but in the same places and for the same terms.

alter table portal_grantrequest enable row level security;
create policy see on portal_grantrequest for select using (
  organization_id = any ((select portal.organization_ids('grant_access'))::uuid[]));
revoke insert, update, delete on portal_grantrequest from {app};

create function portal.needs_two(role_name text, organization uuid) returns boolean
language sql stable set search_path = pg_catalog, public as $$
  select exists (select 1 from public.portal_rolekind k
                   join public.portal_organization o on o.id = organization and o.kind = k.kind
                  where k.role = role_name and k.needs_two)
$$;

-- Can the person hold the role there at all, whoever gives it: kind of node, term, account in use, the role's base.
create function portal.role_fits(person uuid, role_name text, organization uuid, until_on date, why text)
returns boolean language sql stable set search_path = pg_catalog, public as $$
  select exists (
      select 1 from public.portal_rolekind k
        join public.portal_organization o on o.id = organization and o.kind = k.kind and o.is_active
       where k.role = role_name
         and (k.most_days is null
              or (coalesce(until_on between portal.today() and portal.today() + k.most_days, false)
                  and btrim(coalesce(why, '')) <> '')))
    and exists (select 1 from public.portal_user u where u.id = person and u.is_active)
    and (role_name not in (select b.role from public.portal_rolebase b)
         or portal.has_base(person, role_name, organization))
$$;

-- Is the role the actor's to give there, or to ask for? Only what one holds; only to accounts within reach, or to new
-- ones. A role with a base (drill_down) opens rows that no administrator of a city holds: its base, its term and its
-- second person stand for the rule.
create function portal.is_giver(person uuid, role_name text, organization uuid) returns boolean
language sql stable set search_path = pg_catalog, public as $$
  with held as materialized (select portal.rights_on(organization) as "right")
  select 'grant_access' in (select held."right" from held) and (portal.actor_user() is null or (
    person is distinct from portal.actor_user()
    and (role_name in (select b.role from public.portal_rolebase b)
         or not exists (select r."right" from public.portal_roleright r where r.role = role_name
                        except
                        select held."right" from held))
    and (portal.account_node(person) is not null
         or not exists (select 1 from public.portal_organizationgrant g where g.user_id = person))))
$$;

-- Grants in force that stand beside no base any more end with it: renewed later, the base brings nothing back.
create function portal.end_baseless_grants(person uuid) returns void
language sql set search_path = pg_catalog, public as $$
  update public.portal_organizationgrant g set until = portal.today() - 1
    from public.auth_permission p
   where p.id = g.permission_id and g.user_id = person and (g.until is null or g.until >= portal.today())
     and substr(p.codename, 6) in (select b.role from public.portal_rolebase b)
     and not portal.has_base(person, substr(p.codename, 6), g.content_object_id)
$$;

create function portal.write_grant(
  person uuid, role_name text, organization uuid, until_on date, why text, giver uuid, what text)
returns uuid language plpgsql set search_path = pg_catalog, public as $$
declare
  permission int;
  made uuid := gen_random_uuid();
begin
  perform portal.end_baseless_grants(person);
  select p.id into strict permission
    from public.auth_permission p join public.django_content_type c on c.id = p.content_type_id
   where c.app_label = 'portal' and c.model = 'organization' and p.codename = 'role_' || role_name;
  insert into public.portal_organizationgrant
         (id, user_id, permission_id, content_object_id, granted_by_id, granted_at, until, reason)
  values (made, person, permission, organization, giver, now(), until_on, why)
  on conflict (user_id, permission_id, content_object_id)
  do update set until = excluded.until, reason = excluded.reason,
                granted_by_id = excluded.granted_by_id, granted_at = excluded.granted_at;
  select g.id into made from public.portal_organizationgrant g
   where g.user_id = person and g.permission_id = permission and g.content_object_id = organization;
  perform portal.note_staff(what, organization, person, jsonb_build_object('role', role_name, 'grant', made));
  return made;
end $$;

-- One person gives, or renews, a role. Crosses the actor's scope, so it checks the right itself.
create function portal.grant_role(grantee uuid, role_name text, organization uuid, until_on date, why text)
returns uuid language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  if not (portal.is_giver(grantee, role_name, organization)
          and portal.role_fits(grantee, role_name, organization, until_on, why))
     or (portal.actor_user() is not null and portal.needs_two(role_name, organization)) then
    raise exception 'grant_refused' using errcode = 'insufficient_privilege';
  end if;
  if exists (select 1 from public.portal_organizationgrant g join public.auth_permission p on p.id = g.permission_id
              where g.user_id = grantee and g.content_object_id = organization and p.codename = 'role_' || role_name
                and (g.until is null or g.until >= portal.today())) then
    return portal.write_grant(grantee, role_name, organization, until_on, why, portal.actor_user(), 'renew_role');
  end if;
  return portal.write_grant(grantee, role_name, organization, until_on, why, portal.actor_user(), 'give_role');
end $$;

-- The first of two persons. The account exists and has a password that its holder chose: whoever handed over a first
-- password could log in as the second person. Undecided for 14 days it is asked
-- anew: circumstances have changed. `asked` is made with the form, so that a form sent twice asks once.
create function portal.request_grant(
  asked uuid, grantee uuid, role_name text, organization uuid, until_on date, why text)
returns uuid language plpgsql security definer set search_path = pg_catalog, public as $$
declare actor_id uuid := portal.actor_user();
begin
  if actor_id is null or not (portal.is_giver(grantee, role_name, organization)
          and portal.role_fits(grantee, role_name, organization, until_on, why)
          and portal.needs_two(role_name, organization))
     or until_on < portal.today() or btrim(coalesce(why, '')) = ''
     or exists (select 1 from public.portal_user u where u.id = grantee and u.must_change_password) then
    raise exception 'grant_refused' using errcode = 'insufficient_privilege';
  end if;
  if exists (select 1 from public.portal_grantrequest q where q.id = asked and q.asked_by_id = actor_id) then
    return asked;
  end if;
  if exists (select 1 from public.portal_grantrequest q where q.id = asked) then
    asked := gen_random_uuid();  -- somebody else's number answers like a free one
  end if;
  update public.portal_grantrequest q set state = 'expired'
   where q.user_id = grantee and q.role = role_name and q.organization_id = organization
     and q.state = 'waiting' and q.expires_at <= now();
  insert into public.portal_grantrequest
         (id, organization_id, user_id, role, until, reason, asked_by_id, asked_at, expires_at, state, answer)
  values (asked, organization, grantee, role_name, until_on, why, actor_id, now(), now() + interval '14 days',
          'waiting', '');
  perform portal.note_staff('request_grant', organization, grantee, jsonb_build_object('role', role_name));
  return asked;
end $$;

-- The second person: neither who asked nor who gets it, and entitled at the moment of deciding. What was asked is
-- examined again, the asker's own standing included. `grant_outdated`: it can only be refused now.
create function portal.decide_grant(asked uuid, approve boolean, said text)
returns void language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  q public.portal_grantrequest;
  actor_id uuid := portal.actor_user();
begin
  select * into q from public.portal_grantrequest r where r.id = asked for update;
  if q.id is null or actor_id is null or actor_id in (q.asked_by_id, q.user_id)
     or not portal.may('grant_access', q.organization_id) or q.state <> 'waiting' or q.expires_at <= now() then
    raise exception 'grant_refused' using errcode = 'insufficient_privilege';
  end if;
  if approve then
    if not portal.role_fits(q.user_id, q.role, q.organization_id, q.until, q.reason)
       or q.until < portal.today()
       or not exists (select 1 from portal.users_with('grant_access', q.organization_id) w
                       where w.user_id = q.asked_by_id) then
      raise exception 'grant_outdated' using errcode = 'check_violation';
    end if;
    perform portal.write_grant(q.user_id, q.role, q.organization_id, q.until, q.reason, q.asked_by_id, 'approve_grant');
  else
    perform portal.note_staff('refuse_grant', q.organization_id, q.user_id, jsonb_build_object('role', q.role));
  end if;
  update public.portal_grantrequest r
     set state = case when approve then 'approved' else 'refused' end,
         decided_by_id = actor_id, decided_at = now(), answer = left(coalesce(said, ''), 200)
   where r.id = asked;
end $$;

-- What waits for an organization that is merged away is asked anew: the same may wait for the one that is kept.
create function portal.merge_rows_portal_grantrequest(gone uuid, kept uuid) returns void
language sql set search_path = pg_catalog, public as $$
  update public.portal_grantrequest
     set organization_id = kept, state = case when state = 'waiting' then 'expired' else state end
   where organization_id = gone
$$;

-- Asked by the functions above and by merge_rows, not by the app role.
revoke execute on function portal.merge_rows_portal_grantrequest(uuid, uuid), portal.end_baseless_grants(uuid),
  portal.write_grant(uuid, text, uuid, date, text, uuid, text) from {app};
