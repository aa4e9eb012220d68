-- The member's card: a code that a steward scans, and eight figures where scanning fails. Both count on their day and the
-- next one, and only while the member has a page. A steward is whoever holds a work link in force.

-- The figures of a member on a day: drawn with the key that signs actors, so that nobody can work them out.
create function portal.card_number(whose uuid, day date) returns text
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select lpad(((('x' || substr(encode(portal.hmac_sha256(convert_to('own card ' || whose || ' ' || day, 'UTF8')), 'hex'),
                               1, 12))::bit(48)::bigint) % 100000000)::text, 8, '0')
$$;
revoke execute on function portal.card_number(uuid, date) from {app};

create function portal.own_card_number() returns text
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select portal.card_number(portal.own_member(), portal.today()) where portal.own_member() is not null
$$;

-- Does the member hold a phone with a page now? A card on paper or on a picture ends with the page.
create function portal.has_own_page(whose uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select portal.own_page_of(whose) is not null
     and (exists (select 1 from public.portal_worklink k
                   where k.subject_kind = 'member' and k.subject_id = whose and k.closed_at is null
                     and k.device_digest is not null and k.expires_at > now() and portal.member_of_link(k.id) = whose)
          or exists (select 1 from public.checkin_memberdevice d
                      where d.member_id = whose and d.revoked_at is null
                        and d.last_used_on >= portal.today() - 365))
$$;
revoke execute on function portal.has_own_page(uuid) from {app};

-- The check-ins that are open now, in the line of the steward's office, of offices that see the member; with the name, to
-- be compared with the person. Nothing for everybody who is no steward.
create function portal.card_desks(whose uuid) returns table (name text, desk_id uuid, title text, has_come boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select m.name::text, v.id, v.title,
         exists (select 1 from public.checkin_arrival a
                  where a.desk_id = v.id and a.member_id = m.id and a.confirmed_at is not null and a.undone_at is null)
    from public.contacts_liaison l
    join portal.shown_desk v on v.state = 'open' and portal.in_line(l.organization_id, v.organization_id)
    join public.members_placement p on p.organization_id = v.organization_id and p.member_id = whose
    join public.members_member m on m.id = whose
   where l.id = (select portal.acting_person()) and portal.actor() like 'link.%' and portal.has_own_page(whose)
   order by v.opens_at, v.id
$$;

-- Whose figures these are, among those whom the steward could sign in now.
create function portal.card_of_number(figures text) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select distinct p.member_id
    from public.contacts_liaison l
    join portal.shown_desk v on v.state = 'open' and portal.in_line(l.organization_id, v.organization_id)
    join public.members_placement p on p.organization_id = v.organization_id
   where l.id = (select portal.acting_person()) and portal.actor() like 'link.%' and portal.has_own_page(p.member_id)
     and figures in (portal.card_number(p.member_id, portal.today()), portal.card_number(p.member_id, portal.today() - 1))
   limit 1
$$;

-- The steward has seen the person: one line in the desk's list and in the attendance list. Again: nothing more. The desk
-- is locked as in portal.desk_to_run, so that the list's own confirmation comes before or after.
create function portal.confirm_card(key uuid, desk uuid, whose uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform from public.checkin_desk d where d.id = desk for no key update;
  if not exists (select 1 from portal.card_desks(whose) c where c.desk_id = desk) then
    raise exception 'card_refused' using errcode = 'insufficient_privilege';
  end if;
  insert into public.checkin_arrival (id, desk_id, organization_id, member_id, way, is_sure, is_late_entry, arrived_at,
                                      confirmed_at, reason)
  select key, d.id, d.organization_id, whose, 'staff', true, false, now(), now(), ''
    from public.checkin_desk d where d.id = desk
  on conflict do nothing;
  if not found then return; end if;
  insert into public.activities_attendance (id, activity_id, member_id, is_late_entry, recorded_at)
  select gen_random_uuid(), d.activity_id, whose, false, now() from public.checkin_desk d where d.id = desk
  on conflict do nothing;
  insert into public.portal_auditentry (id, at, actor, action, organization_id, object_type, object_id, detail)
  select gen_random_uuid(), now(), portal.actor(), 'card_confirmed', d.organization_id, 'member', whose, '{}'
    from public.checkin_desk d where d.id = desk;
end $$;
