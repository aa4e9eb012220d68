-- Check-in at activities. Phones reach it through two functions without an actor; the staff's rows are under policies.
--   portal.find_desk, portal.desk_of_typed   no actor     what a code leads to; reads
--   portal.check_in                          no actor     one scan, in one statement; looks at no member
--   portal.checkin_candidates                run_checkin  whose file a scan or a pasted name may mean, in the desk's line
--   portal.confirm_arrivals, undo_arrival    run_checkin  the attendance list and what follows from it
--   portal.forget_scans                      nobody       what is ninety days old

alter table checkin_desk enable row level security;
create policy see on checkin_desk for select using (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
create policy make on checkin_desk for insert with check (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
create policy change on checkin_desk for update using (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
revoke update, delete on checkin_desk from {app};
grant update (opens_at, closes_at, closed_at, has_check_out, poster_number, typed_code) on checkin_desk to {app};

-- A desk is of its activity's organization; whoever makes one need not see the activity.
create function portal.check_desk() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if not exists (select 1 from public.activities_activity a
                  where a.id = new.activity_id and a.organization_id = new.organization_id) then
    raise exception 'desk_refused' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger check_desk before insert on checkin_desk for each row execute function portal.check_desk();

alter table checkin_scan enable row level security;
create policy see on checkin_scan for select using (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
revoke insert, update, delete on checkin_scan from {app};

alter table checkin_arrival enable row level security;
create policy see on checkin_arrival for select using (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
create policy make on checkin_arrival for insert with check (
  exists (select 1 from checkin_desk d where d.id = desk_id and d.organization_id = checkin_arrival.organization_id)
  and confirmed_at is null);
create policy change on checkin_arrival for update using (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
revoke update, delete on checkin_arrival from {app};
grant update (left_at, hours, undone_at, reason) on checkin_arrival to {app};

-- A phone is greeted at desks in whose line its member is; elsewhere it types like any other.

-- What a code leads to. Read by the functions below only: the app role has no right on it.
create view portal.shown_desk as
  select d.id, d.organization_id, d.poster_number, d.has_check_out,
         case when d.closed_at is not null or a.is_cancelled or not o.is_active then 'closed'
              when now() < d.opens_at then 'early' when now() < d.closes_at then 'open' else 'over' end as state,
         a.title::text as title, a.held_on, a.place::text as place, d.opens_at,
         coalesce(nullif(o.short_name, ''), o.name)::text as community
    from public.checkin_desk d
    join public.activities_activity a on a.id = d.activity_id
    join public.portal_organization o on o.id = d.organization_id;

-- `poster`: the number in a printed code, null for a code of the screen. One row for every id, known or not.
create function portal.find_desk(desk uuid, poster int, device bytea)
returns table (state text, title text, held_on date, place text, community text, opens_at timestamptz,
               has_check_out boolean, people json)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return query
    select case when poster <> v.poster_number then 'revoked' else v.state end, v.title, v.held_on, v.place,
           v.community, v.opens_at, v.has_check_out,
           (select json_agg(json_build_array(d.id, m.name) order by d.created_at, d.id)
              from public.checkin_memberdevice d
              join public.members_member own on own.id = d.member_id
              join public.members_member m on m.id = coalesce(own.same_as_id, own.id)
              join public.members_placement p on p.member_id = m.id and p.organization_id = v.organization_id
             where d.device_digest = device and d.revoked_at is null and d.last_used_on >= portal.today() - 365
               and m.state in ('pending', 'floating'))
      from portal.shown_desk v where v.id = desk;
  if not found then
    return query select 'unknown', null::text, null::date, null::text, null::text, null::timestamptz, false, null::json;
  end if;
end $$;

-- The desk behind eight typed digits and the number of its poster, while there is one.
create function portal.desk_of_typed(typed text) returns table (desk uuid, poster int)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select d.id, d.poster_number from public.checkin_desk d where d.typed_code = typed and d.poster_number > 0
$$;

-- One scan. `sealed`: name, its digest, mobile, its digest; or `known`, the row of a confirmed phone. What is typed is
-- compared with no file, so the answer cannot depend on one. Sent again: nothing happens, and the answer is the same.
create function portal.check_in(desk uuid, poster int, new_id uuid, form uuid, data_key bytea, sealed bytea[],
                                device bytea, known uuid, leaving boolean)
returns table (state text, title text, held_on date, place text, community text, opens_at timestamptz,
               has_check_out boolean, person text)
language plpgsql volatile security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  return query
    with shown as materialized (
      select * from portal.shown_desk v where v.id = check_in.desk
    ), person as materialized (
      select m.id, m.name::text as name
        from public.checkin_memberdevice d
        join public.members_member own on own.id = d.member_id
        join public.members_member m on m.id = coalesce(own.same_as_id, own.id)
        join public.members_placement p on p.member_id = m.id
        join shown v on v.organization_id = p.organization_id
       where d.id = check_in.known and d.device_digest = check_in.device and d.revoked_at is null
         and d.last_used_on >= portal.today() - 365 and m.state in ('pending', 'floating')
    ), others as materialized (
      -- one ticket is for one person; corrections and a household are borne with
      select count(*) as number from public.checkin_scan s
       where s.desk_id = check_in.desk and s.client_key = check_in.form
         and (s.name_digest, s.mobile_digest, s.member_id)
             is distinct from (sealed[2], sealed[4], (select p.id from person p))
    ), stored as (
      insert into public.checkin_scan (id, data_key, desk_id, organization_id, client_key, name_sealed, name_digest,
                                       mobile_sealed, mobile_digest, device_digest, member_id, assurance, is_leaving,
                                       scanned_at)
      select check_in.new_id, check_in.data_key, v.id, v.organization_id, check_in.form, sealed[1], sealed[2],
             sealed[3], sealed[4], check_in.device, p.id, case when poster is null then 'screen' else 'poster' end,
             check_in.leaving and v.has_check_out, clock_timestamp()
        from shown v left join person p on true
       where v.state = 'open' and (poster is null or poster = v.poster_number)
         and (check_in.known is null or p.id is not null) and (select o.number from others o) < 3
      on conflict do nothing
    )
    select case when poster <> v.poster_number then 'revoked'
                when v.state = 'open' and check_in.known is not null and p.id is null then 'stranger'
                when v.state = 'open' and (select o.number from others o) >= 3 then 'used'
                else v.state end,
           v.title, v.held_on, v.place, v.community, v.opens_at, v.has_check_out, p.name
      from shown v left join person p on true;
  if not found then
    return query select 'unknown', null::text, null::date, null::text, null::text, null::timestamptz, false, null::text;
  end if;
end $$;

-- The organization of a desk, locked against being closed under one's hands; refused without the right.
create function portal.desk_to_run(which uuid) returns public.checkin_desk
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare found_desk public.checkin_desk;
begin
  select * into found_desk from public.checkin_desk d where d.id = which for no key update;
  if not found or not portal.may('run_checkin', found_desk.organization_id) then
    raise exception 'desk_refused' using errcode = 'insufficient_privilege';
  end if;
  return found_desk;
end $$;
revoke execute on function portal.desk_to_run(uuid) from {app};

-- Members at the desk's organization or below whom a name or a number means; their numbers of today and before.
create function portal.checkin_candidates(desk uuid, names text[], wanted bytea[])
returns table (member_id uuid, name text, numbers bytea[])
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp as $$
declare node uuid;
begin
  select d.organization_id into node from public.checkin_desk d where d.id = desk;
  if node is null or not portal.may('run_checkin', node) then
    raise exception 'desk_refused' using errcode = 'insufficient_privilege';
  end if;
  return query
    select m.id, m.name::text,
           array(select m.mobile_digest where m.mobile_digest is not null
                 union select f.number_digest from public.members_phone f where f.member_id = m.id and f.use = 'own')
      from public.members_member m
      join public.members_placement p on p.member_id = m.id and p.organization_id = node
     where m.same_as_id is null and m.state in ('pending', 'floating')
       and (m.name = any (names) or m.mobile_digest = any (wanted)
            or exists (select 1 from public.members_phone f
                        where f.member_id = m.id and f.use = 'own' and f.number_digest = any (wanted)));
end $$;

-- `arrivals` of one desk came, and are `whose` (same order): each is confirmed once, and the member stands in the
-- attendance list. A second line of the same member is closed as repeated. `remembers`: phones that stood before the
-- screen, with the member's own number, are the member's from now on, but for those that brought more than a household
-- (checkin/arrivals/lists.py: MOST_OF_A_PHONE). Returns how many were confirmed.
create function portal.confirm_arrivals(desk uuid, arrivals uuid[], whose uuid[], remembers boolean) returns int
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  the_desk public.checkin_desk := portal.desk_to_run(desk);
  done int;
begin
  if exists (select 1 from unnest(whose) w (id) where not exists (
       select 1 from public.members_placement p join public.members_member m on m.id = p.member_id
        where p.member_id = w.id and p.organization_id = the_desk.organization_id and m.same_as_id is null)) then
    raise exception 'arrival_refused' using errcode = 'insufficient_privilege';
  end if;
  with named as (
    select a.id, w.member_id, a.is_late_entry,
           row_number() over (partition by w.member_id order by a.arrived_at, a.id) > 1 or exists (
             select 1 from public.checkin_arrival o where o.desk_id = the_desk.id and o.member_id = w.member_id
                and o.confirmed_at is not null and o.undone_at is null) as is_repeated
      from unnest(arrivals, whose) as w (id, member_id)
      join public.checkin_arrival a on a.id = w.id and a.desk_id = the_desk.id
                                   and a.confirmed_at is null and a.undone_at is null
  ), decided as (
    update public.checkin_arrival a
       set member_id = n.member_id, decided_by_id = portal.actor_user(),
           confirmed_at = case when not n.is_repeated then now() end,
           undone_at = case when n.is_repeated then now() end,
           reason = case when n.is_repeated then 'repeated' else '' end
      from named n where a.id = n.id returning n.member_id, n.is_late_entry, n.is_repeated
  ), listed as (
    insert into public.activities_attendance (id, activity_id, member_id, is_late_entry, recorded_by_id, recorded_at)
    select gen_random_uuid(), the_desk.activity_id, d.member_id, d.is_late_entry, portal.actor_user(), now()
      from decided d where not d.is_repeated
        on conflict do nothing
  )
  select count(*) into done from decided d where not d.is_repeated;
  if remembers then
    perform portal.add_device(s.device_digest, m.id, the_desk.organization_id)
       from public.checkin_arrival a
       join public.checkin_scan s on s.id = a.scan_id and s.assurance = 'screen' and s.device_digest is not null
       join public.members_member m on m.id = a.member_id
      where a.id = any (arrivals) and a.desk_id = the_desk.id and a.confirmed_at = now() and s.mobile_digest in (
              select m.mobile_digest
              union select f.number_digest from public.members_phone f where f.member_id = m.id and f.use = 'own')
        and (select count(*) from public.checkin_arrival b join public.checkin_scan t on t.id = b.scan_id
              where b.desk_id = the_desk.id and b.undone_at is null and t.device_digest = s.device_digest) <= 3;
  end if;
  return done;
end $$;

-- Taken back, with a reason: off the attendance list, unless the member was ticked there before; a phone that became
-- the member's by this confirmation is not any more. False where it was undone already.
create function portal.undo_arrival(arrival uuid, why text) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  one public.checkin_arrival;
  the_desk public.checkin_desk;
begin
  select * into one from public.checkin_arrival a where a.id = arrival;
  the_desk := portal.desk_to_run(one.desk_id);
  update public.checkin_arrival a set undone_at = now(), reason = why, decided_by_id = portal.actor_user()
   where a.id = arrival and a.undone_at is null returning a.* into one;
  if not found then return false; end if;
  delete from public.activities_attendance t
   where one.confirmed_at is not null and t.activity_id = the_desk.activity_id and t.member_id = one.member_id
     and t.recorded_at >= one.confirmed_at;
  update public.checkin_memberdevice d set revoked_at = now() from public.checkin_scan s
   where s.id = one.scan_id and d.device_digest = s.device_digest and d.member_id = one.member_id
     and d.revoked_at is null and d.created_at >= one.confirmed_at;
  return true;
end $$;

-- Somebody unticks a member in the attendance list itself: the line of the desk says so.
create function portal.close_arrivals() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.checkin_arrival a set undone_at = now(), reason = 'unticked'
    from changed_rows g join public.checkin_desk d on d.activity_id = g.activity_id
   where a.desk_id = d.id and a.member_id = g.member_id and a.confirmed_at is not null and a.undone_at is null;
  return null;
end $$;
create trigger close_arrivals after delete on activities_attendance referencing old table as changed_rows
  for each statement execute function portal.close_arrivals();

-- Check-outs that phones sent: the first one after coming, by the same person on the same desk.
create function portal.note_leaving(which uuid) returns void
language sql set search_path = pg_catalog, public, pg_temp as $$
  update public.checkin_arrival a set left_at = gone.at
    from (select i.id, min(o.scanned_at) as at
            from public.checkin_scan o
            join public.checkin_scan i on i.desk_id = o.desk_id and not i.is_leaving and i.scanned_at <= o.scanned_at
                 and (i.mobile_digest = o.mobile_digest or i.member_id = o.member_id)
           where o.desk_id = which and o.is_leaving group by i.id) gone
   where a.scan_id = gone.id and a.left_at is null and a.undone_at is null
$$;

-- What was typed into phones ninety days ago goes; who came stays.
create function portal.forget_scans() returns int
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare gone int;
begin
  delete from public.checkin_arrival a using public.checkin_scan s
   where s.id = a.scan_id and s.scanned_at < now() - interval '90 days' and a.confirmed_at is null;
  update public.checkin_arrival a set scan_id = null from public.checkin_scan s
   where s.id = a.scan_id and s.scanned_at < now() - interval '90 days';
  delete from public.checkin_scan s where s.scanned_at < now() - interval '90 days';
  get diagnostics gone = row_count;
  return gone;
end $$;
