-- The member's own page. Whoever holds the personal link of a member acts as that link and sees no row of any table: the
-- functions here hand out the parts of the own file that are agreed, and take what the member sends in. Each asks who acts.

-- What members send in: read and decided by the office that manages the file.
alter table checkin_memberrequest enable row level security;
create policy see on checkin_memberrequest for select using (
  exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('change_members'))::uuid[])));
create policy decide on checkin_memberrequest for update using (
  exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('change_members'))::uuid[])));
revoke insert, update, delete on checkin_memberrequest from {app};
grant update (state, decided_at, decided_by_id) on checkin_memberrequest to {app};

-- The member, as long as there may be a page: somebody who is away inside the country. Who goes abroad, leaves or dies
-- has no page at once.
create function portal.own_page_of(subject uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select m.id from public.members_member m
   where m.id = subject and m.same_as_id is null and m.state in ('pending', 'floating')
     and not exists (select 1 from public.members_movement v
                      where v.member_id = m.id and v.ended_on = '' and v.scope = '境外')
$$;

-- Whom a personal link was made for. Only the office that keeps the file gives links, so none outlives its keeping it.
create function portal.member_of_link(link uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select portal.own_page_of(m.id) from public.portal_worklink k
    join public.members_member m on m.id = k.subject_id and m.organization_id = k.organization_id
   where k.id = link and k.subject_kind = 'member'
$$;
revoke execute on function portal.own_page_of(uuid), portal.member_of_link(uuid) from {app};

-- Does a link that waits for its first phone lead to a page at all?
create function portal.own_page_waits(link uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select portal.member_of_link(link) is not null
$$;

-- The member who acts, by a personal link or by a phone that was confirmed at an activity, or null. Replaces the stub of
-- contacts.
create or replace function portal.own_member() returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(portal.member_of_link(portal.actor_link()), portal.own_page_of(portal.acting_member()))
$$;

-- The agreed parts of the own file. Never remarks, further columns of the ledger, notes, or what others wrote.
create function portal.own_file()
returns table (id uuid, data_key bytea, organization_id uuid, name text, gender text, ethnicity text, birth_date text,
               id_number_sealed bytea, mobile_sealed bytea, member_type text, join_date text, full_member_date text,
               education text, certificate_number text, occupation text, employer_sealed bytea,
               current_address_sealed bytea, updated_at timestamptz)
language sql stable security definer rows 1 set search_path = pg_catalog, public, pg_temp as $$
  select m.id, m.data_key, m.organization_id, m.name, m.gender, m.ethnicity, m.birth_date, m.id_number_sealed,
         m.mobile_sealed, m.member_type, m.join_date, m.full_member_date, m.education, m.certificate_number,
         m.occupation, m.employer_sealed, m.current_address_sealed, m.updated_at
    from public.members_member m where m.id = portal.own_member()
$$;

-- Where the member is away: both sides by name, since when.
create function portal.own_movements() returns table (direction text, home text, host text, started_on text)
language sql stable security definer rows 1 set search_path = pg_catalog, public, pg_temp as $$
  select v.direction, coalesce(home.party_name, v.home_text), coalesce(host.party_name, v.host_text), v.started_on
    from public.members_movement v
    left join public.portal_organization home on home.id = v.home_organization_id
    left join public.portal_organization host on host.id = v.host_organization_id
   where v.member_id = portal.own_member() and v.ended_on = ''
$$;

-- Whom to turn to: the organization, the liaison's name and office phone (as contacts.shown says it, never the private
-- one), and what hangs on the nearest office's poster anyway.
create function portal.own_office()
returns table (organization text, liaison text, place text, address text, hours text, phone text)
language sql stable security definer rows 1 set search_path = pg_catalog, public, pg_temp as $$
  select o.name, l.name, p.name, p.address, p.hours, coalesce(nullif(l.office_phone, ''), p.contact_phone)
    from public.members_member m join public.portal_organization o on o.id = m.organization_id
    left join public.contacts_liaisonassignment a on a.member_id = m.id and a.is_primary and a.ended_on is null
    left join public.contacts_liaison l on l.id = a.liaison_id and l.is_active
    left join lateral (
      select c.* from public.portal_organization above
        join public.checkin_checkinpoint c on c.organization_id = above.id and c.is_active
       where above.path operator(public.@>) o.path and above.kind in ('street', 'community', 'branch')
       order by public.nlevel(above.path) desc, c.contact_phone = '', c.name, c.id limit 1) p on true
   where m.id = portal.own_member()
$$;

-- Activities: those the member came to, and those to come at the own organization and the offices above it.
create function portal.own_activities(most int)
returns table (title text, held_on date, place text, has_come boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select one.title, one.held_on, one.place, one.has_come
    from (select v.title, v.held_on, v.place, v.id, true as has_come
            from public.activities_attendance t join public.activities_activity v on v.id = t.activity_id
           where t.member_id = portal.own_member() and not v.is_cancelled
          union all
          select v.title, v.held_on, v.place, v.id, false
            from public.members_member m join public.portal_organization o on o.id = m.organization_id
            join public.portal_organization above on above.path operator(public.@>) o.path
            join public.activities_activity v on v.organization_id = above.id
           where m.id = portal.own_member() and not v.is_cancelled and v.held_on >= portal.today()
             and not exists (select 1 from public.activities_attendance t
                              where t.activity_id = v.id and t.member_id = m.id)) one
   order by one.held_on desc, one.id limit most
$$;

-- What the member asked for: the kind, the day, how far it is. Not what the office wrote about it.
create function portal.own_needs(most int)
returns table (id uuid, category text, raised_on date, due_on date, state text, outcome text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select n.id, n.category, n.raised_on, n.due_on, n.state, n.outcome from public.contacts_need n
   where n.member_id = portal.own_member() and n.organization_id = (
           select m.organization_id from public.members_member m where m.id = n.member_id)
   order by n.created_at desc, n.id limit most
$$;

-- Parcels on the way to the member, and the confirmation that one arrived; said twice it is said once.
create function portal.own_parcels()
returns table (id uuid, content text, sent_on date, tracking_number text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select p.id, p.content, p.sent_on, p.tracking_number from public.activities_parcel p
   where p.member_id = portal.own_member() and p.state = 'sent' order by p.sent_on, p.id limit 10
$$;
create function portal.confirm_own_parcel(parcel uuid) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  update public.activities_parcel p set state = 'received', closed_on = portal.today()
   where p.id = parcel and p.member_id = portal.own_member() and p.state = 'sent'
$$;

-- What the member is reminded of on the own page, if it was agreed to there (what was said last counts): the day of the own
-- yearly report from that day on, unless it is paused, and the next activity within a week. Once said, a wish holds until
-- another one is said. Nobody abroad has a page, so nobody abroad is reminded.
create function portal.own_reminders()
returns table (is_wanted boolean, last_on date, due_on date, limit_on date, activity text, held_on date)
language sql stable security definer rows 1 set search_path = pg_catalog, public, pg_temp as $$
  select wish.kind is not distinct from 'remind', duty.last_success_on, duty.due_on, duty.limit_on, next.title, next.held_on
    from public.members_member m
    left join lateral (
      select r.kind from public.checkin_memberrequest r
       where r.member_id = m.id and r.kind in ('remind', 'silence')
       order by r.made_at desc, r.id desc limit 1) wish on true
    left join public.contacts_contactobligation duty
      on wish.kind = 'remind' and duty.member_id = m.id and duty.side = 'member' and duty.ended_on is null
     and duty.standing = 'active' and duty.due_on <= portal.today()
     and (duty.paused_until is null or duty.paused_until < portal.today())
    left join lateral (
      select a.title, a.held_on from portal.own_activities(1000) a
       where wish.kind = 'remind' and not a.has_come and a.held_on between portal.today() and portal.today() + 7
       order by a.held_on, a.title limit 1) next on true
   where m.id = portal.own_member()
$$;

-- What the member sent in, and what became of it.
create function portal.own_requests(most int)
returns table (kind text, made_at timestamptz, state text, from_on date, until_on date)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select r.kind, r.made_at, r.state, r.from_on, r.until_on from public.checkin_memberrequest r
   where r.member_id = portal.own_member() order by r.made_at desc, r.id limit most
$$;

-- Who looked at the file: the unit, the day, what for. Never the name of a person, never a link's or an account's id.
create function portal.own_views(most int)
returns table (seen_on date, unit text, action text, field text, reason text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select distinct (e.at at time zone 'Asia/Shanghai')::date as seen_on, coalesce(at.name, o.name), e.action::text,
         coalesce(e.detail ->> 'field', ''), coalesce(e.detail ->> 'reason', '')
    from public.portal_auditentry e join public.portal_organization o on o.id = e.organization_id
    left join lateral (  -- the nearest office on the file's line for which the person works now
      select node.name from public.portal_organizationgrant g
        join public.portal_organization node on node.id = g.content_object_id
       where e.actor = 'user.' || g.user_id and node.path operator(public.@>) o.path
       order by public.nlevel(node.path) desc limit 1) at on true
   where e.object_id = portal.own_member() and e.object_type in ('member', 'members.member')
     and e.action in ('view_member', 'reveal', 'print_card', 'print_letter')
     and e.at > now() - interval '1 year'
   order by 1 desc, 2, 3, 4, 5 limit most
$$;

-- The people of one household: the members whose links this very phone holds, or for whom it was confirmed. Digests that
-- only the phone can bring.
create function portal.own_people(tokens bytea[], devices bytea[], phone bytea)
returns table (member_id uuid, name text, place int, device_id uuid)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select distinct on (m.id) m.id, m.name::text, one.place, one.device_id
    from (select portal.member_of_link(k.id) as whose, held.place::int as place, null::uuid as device_id
            from unnest(tokens, devices) with ordinality as held (token, device, place)
            join public.portal_worklink k on k.token_digest = held.token and k.device_digest = held.device
             and k.closed_at is null and k.expires_at > now()
          union all
          select portal.own_page_of(d.member_id), null, d.id from public.checkin_memberdevice d
           where d.device_digest = phone and d.revoked_at is null and d.last_used_on >= portal.today() - 365) one
    join public.members_member m on m.id = one.whose
   order by m.id, one.place
$$;

-- One contact that came from the acting member.
create function portal.log_own_contact(key uuid, words bytea, words_mark bytea) returns void
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  insert into public.contacts_contactlog
         (id, member_id, organization_id, side, contacted_on, direction, method, outcome, source, note_sealed,
          note_digest, recorded_at)
  select key, m.id, m.organization_id, 'member', portal.today(), 'from_member', 'other', 'reached', 'logged', words,
         words_mark, now()
    from public.members_member m where m.id = portal.own_member()
  on conflict do nothing
$$;

-- Take in what the member sends: a number, a place, a journey home, a message. The same key writes nothing more. A message
-- is a contact of the member's own side as well, which no duty of an office is met by; its words stand there.
create function portal.send_own_request(key uuid, what text, words bytea, words_mark bytea, first_day date,
  last_day date) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  subject uuid := portal.own_member();
  is_message boolean := what = 'message';
  is_wish boolean := what in ('remind', 'silence');  -- holds as it was said: nobody decides about it
begin
  if subject is null then raise exception 'own_page_refused' using errcode = 'insufficient_privilege'; end if;
  insert into public.checkin_memberrequest (id, member_id, kind, text_sealed, text_digest, from_on, until_on, state,
                                            made_at, decided_at)
  values (key, subject, what, case when not is_message then words end, case when not is_message then words_mark end,
          first_day, last_day, case when is_wish then 'done' else 'waiting' end, clock_timestamp(),
          case when is_wish then clock_timestamp() end)
  on conflict do nothing;
  if is_message then perform portal.log_own_contact(key, words, words_mark); end if;
end $$;

-- Write down that a phone was bound to the acting link.
create function portal.note_own_binding() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  perform portal.note_own_page('own_page_bound');
end $$;

-- One line of the audit log by the acting member, about the own file; refused for everybody else.
create function portal.note_own_page(what text) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  insert into public.portal_auditentry (id, at, actor, action, organization_id, object_type, object_id, detail)
  select gen_random_uuid(), now(), portal.actor(), what, m.organization_id, 'member', m.id, '{}'
    from public.members_member m where m.id = portal.own_member();
  if not found then raise exception 'own_page_refused' using errcode = 'insufficient_privilege'; end if;
end $$;
revoke execute on function portal.note_own_page(text) from {app};

-- The member wants no page any more: every link and every phone of the member ends, and nothing else changes.
create function portal.stop_own_page() returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  subject uuid := portal.own_member();
begin
  perform portal.note_own_page('own_page_stopped');
  update public.checkin_memberdevice set revoked_at = now() where member_id = subject and revoked_at is null;
  update public.portal_worklink set closed_at = now(), closed_reason = 'stopped'
   where subject_kind = 'member' and subject_id = subject and closed_at is null;
end $$;
