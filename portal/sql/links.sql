-- Personal work links. A link is an actor like any other (`link.ID`), signed by the portal; what it reaches follows from
-- its row alone: open, bound to a device, in date. The three functions of the public page take digests that nobody can
-- make without the key file, and tell nothing about what is unknown, closed, expired or somebody else's.

alter table portal_worklink enable row level security;
create policy see on portal_worklink for select using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
create policy make on portal_worklink for insert with check (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
create policy change on portal_worklink for update using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
-- a clerk closes a link; devices, tries and dates are not for rewriting, and nothing is forgotten
revoke update, delete on portal_worklink from {app};
grant update (closed_at, closed_reason) on portal_worklink to {app};

-- The id of the acting link while it is in force, or null.
create function portal.actor_link() returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select k.id from public.portal_worklink k
   where k.id = (case when portal.actor() like 'link.%' then substr(portal.actor(), 6)::uuid end)
     and k.closed_at is null and k.device_digest is not null and k.expires_at > now()
$$;

-- The row that the acting link was made for, or null.
create function portal.actor_link_subject(kind text) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select k.subject_id from public.portal_worklink k where k.id = portal.actor_link() and k.subject_kind = kind
$$;

-- What a phone finds behind an address: the link in force when the phone is its own, or one that waits for its first
-- phone (`is_bound` false), if it was made for this kind of person. No row for everything else.
create function portal.find_work_link(token bytea, device bytea, kind text)
returns table (link_id uuid, is_bound boolean)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.portal_worklink k set last_used_at = now()
   where k.token_digest = token and k.device_digest = device and k.subject_kind = kind
     and (k.last_used_at is null or k.last_used_at < now() - interval '1 hour')
     and k.closed_at is null and k.expires_at > now();
  return query select k.id, k.device_digest is not null from public.portal_worklink k
   where k.token_digest = token and k.subject_kind = kind and k.closed_at is null and k.expires_at > now()
     and (k.device_digest is null or k.device_digest = device);
end $$;

-- One try of a PIN, in one statement, so that tries at the same moment are counted one after another. The right one binds
-- the device and returns the link; the fifth wrong one closes it. No row where there is nothing to try.
create function portal.bind_work_link(token bytea, pin bytea, device bytea) returns table (link_id uuid, tries_left int)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  found_link public.portal_worklink;
  most constant int := 5;
begin
  select * into found_link from public.portal_worklink k
   where k.token_digest = token and k.device_digest is null and k.closed_at is null and k.expires_at > now()
     for update;
  if not found or device is null then return; end if;
  if found_link.pin_digest = pin then
    update public.portal_worklink set device_digest = device, wrong_tries = 0, last_used_at = now()
     where id = found_link.id;
    return query select found_link.id, most;
    return;
  end if;
  update public.portal_worklink
     set wrong_tries = found_link.wrong_tries + 1,
         closed_at = case when found_link.wrong_tries + 1 >= most then now() end,
         closed_reason = case when found_link.wrong_tries + 1 >= most then 'wrong_pin' else '' end
   where id = found_link.id;
  return query select null::uuid, most - found_link.wrong_tries - 1;
end $$;
