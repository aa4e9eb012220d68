-- Members' phones. A phone is known by a keyed digest that nobody can make without the key file. Rows are made by
-- portal.add_device (called by functions that asked the right) and used by the functions of the public pages.

alter table checkin_memberdevice enable row level security;
-- with whoever manages the member's file today, whoever confirmed the phone
create policy see on checkin_memberdevice for select using (
  exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[])));
create policy change on checkin_memberdevice for update using (
  exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[])));
-- the office takes a phone out of use; nothing else is for rewriting, and nothing is forgotten
revoke insert, update, delete on checkin_memberdevice from {app};
grant update (revoked_at) on checkin_memberdevice to {app};

-- Whom a phone stands for, those alone who still have a file in use; notes that it was used today.
create function portal.device_people(device bytea) returns table (device_id uuid, member_id uuid, name text)
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.checkin_memberdevice d set last_used_on = portal.today()
   where d.device_digest = device and d.revoked_at is null
     and d.last_used_on < portal.today() and d.last_used_on >= portal.today() - 365;
  return query select d.id, m.id, m.name::text
    from public.checkin_memberdevice d
    join public.members_member own on own.id = d.member_id
    join public.members_member m on m.id = coalesce(own.same_as_id, own.id)
   where d.device_digest = device and d.revoked_at is null and d.last_used_on >= portal.today() - 365
     and m.state in ('pending', 'floating')
   order by d.created_at, d.id;
end $$;

-- The phone itself gives one of its people up.
create function portal.forget_device(device bytea, which uuid) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  update public.checkin_memberdevice d set revoked_at = now()
   where d.device_digest = device and d.id = which and d.revoked_at is null
$$;

-- A phone becomes a member's: for callers that have asked the right. Three people at most, a household; a fourth, or a
-- phone that is known already, changes nothing. Returns whether the phone stands for the member now.
create function portal.add_device(device bytea, whose uuid, node uuid) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if device is null then return false; end if;
  perform pg_advisory_xact_lock(hashtextextended(encode(device, 'hex'), 0));
  insert into public.checkin_memberdevice (id, device_digest, member_id, organization_id, created_at, last_used_on)
  select gen_random_uuid(), device, whose, node, now(), portal.today()
   where (select count(*) from public.checkin_memberdevice d
           where d.device_digest = device and d.revoked_at is null and d.member_id <> whose) < 3
      on conflict do nothing;
  return exists (select 1 from public.checkin_memberdevice d
                  where d.device_digest = device and d.member_id = whose and d.revoked_at is null);
end $$;
revoke execute on function portal.add_device(bytea, uuid, uuid) from {app};

-- The member whom the acting phone (`device.ID`) stands for, while it is in use; null for other actors.
create function portal.acting_member() returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(own.same_as_id, own.id)
    from public.checkin_memberdevice d
    join public.members_member own on own.id = d.member_id
    join public.members_member m on m.id = coalesce(own.same_as_id, own.id)
   where d.id = (case when portal.actor() like 'device.%' then substr(portal.actor(), 8)::uuid end)
     and d.revoked_at is null and d.last_used_on >= portal.today() - 365 and m.state in ('pending', 'floating')
$$;
