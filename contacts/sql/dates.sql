-- Reminders of dates: what a rule of an organization asks for becomes a row, once for each kind, member and day. Sending
-- goes the way of all reminders (reminders.sql): one row of the outbox for a member and the day from which it is told.

-- Read by the managing side and the member's liaison, who tick it off; written by portal.plan_dates alone.
alter table contacts_datereminder enable row level security;
create policy see on contacts_datereminder for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[])
  or (member_id = any ((select portal.assigned_file_ids())::uuid[])
      and exists (select 1 from members_member m
                   where m.id = member_id and m.organization_id = contacts_datereminder.organization_id)));
create policy change on contacts_datereminder for update using (
  organization_id = any ((select portal.organization_ids('log_contacts'))::uuid[])
  or (member_id = any ((select portal.assigned_file_ids())::uuid[])
      and exists (select 1 from members_member m
                   where m.id = member_id and m.organization_id = contacts_datereminder.organization_id)));
revoke insert, update, delete on contacts_datereminder from {app};
grant update (state, closed_by_id, closed_at) on contacts_datereminder to {app};

-- The day of a partial date: of a month its last day; null where the month is not known.
create function portal.latest_day(partial text) returns date
language sql immutable as $$
  select case length(partial) when 10 then partial::date
              when 7 then ((partial || '-01')::date + interval '1 month' - interval '1 day')::date end
$$;

-- Every date below `root` that a rule asks for, from two weeks ago (a round may come late) to `until`, and the day from
-- which it is told. A rule tells nothing of days before it was switched on. 29 February: in other years the 28th.
-- `feasts`: the days of the festivals, with their names in `named` (lunar ones are not known here). `sealed_of`,
-- `sealed_kinds`, `sealed_days`: partial dates out of the sealed part of files, opened by the portal.
create function portal.wanted_dates(root uuid, today date, until date, feasts date[], named text[],
                                    sealed_of uuid[], sealed_kinds text[], sealed_days text[])
returns table (organization_id uuid, kind text, member_id uuid, festival text, day date, announce_on date)
language sql stable set search_path = pg_catalog, public as $$
  with rule as materialized (
    select * from (
      select distinct on (node.id, r.kind) node.id as node, r.kind, r.is_on, r.days_before, r.on_since
        from contacts_daterule r
        join portal_organization above on above.id = r.organization_id
        join portal_organization node on node.path operator(public.<@) above.path
        join portal_organization top on top.id = root and node.path operator(public.<@) top.path
       order by node.id, r.kind, nlevel(above.path) desc) nearest
     where is_on and kind <> 'workdays'
  ), person as materialized (
    select m.id, m.organization_id as node, m.member_type, m.join_date from members_member m
     where m.organization_id in (select rule.node from rule) and m.state in ('floating', 'pending') and m.same_as_id is null
  ), away as materialized (
    select p.node, v.* from person p join members_movement v on v.member_id = p.id and v.ended_on = ''
  ), dated as (
    select p.node, 'probation' as kind, p.id, '' as festival,
           (portal.latest_day(p.join_date) + interval '1 year')::date as day
      from person p where p.member_type = 'probationary'
    union all
    select a.node, k.kind, a.member_id, '', portal.latest_day(a.expected_end_on)
      from away a, (values ('return'), ('return_day')) k (kind)
    union all
    select a.node, 'half_year', a.member_id, '', (a.begun + make_interval(months => 6 * n))::date
      from (select away.*, portal.latest_day(away.started_on) as begun from away
             where away.scope = '境外' and away.reason = '学习') a,
           generate_series(1, 40) n
    union all
    select p.node, s.kind, p.id, '',
           (portal.latest_day(s.day) + case s.kind when 'graduated' then interval '2 years' else interval '0' end)::date
      from unnest(sealed_of, sealed_kinds, sealed_days) s (member_id, kind, day) join person p on p.id = s.member_id
     where s.kind in ('graduated', 'dues')
    union all  -- nobody abroad: a greeting is no reason to write there
    select p.node, 'birthday', p.id, '', (p.join_date::date + make_interval(years => y))::date
      from person p,
           generate_series(greatest(1, extract(year from today - 14)::int - left(p.join_date, 4)::int),
                           extract(year from until)::int - left(p.join_date, 4)::int) y
     where length(p.join_date) = 10
       and not exists (select from away a where a.member_id = p.id and a.scope = '境外')
    union all  -- what the member does by itself; nobody abroad is asked for it
    select p.node, 'own_report', p.id, '', o.due_on
      from person p join contacts_contactobligation o on o.member_id = p.id and o.side = 'member'
                                                     and o.standing = 'active' and o.ended_on is null
     where not exists (select from away a where a.member_id = p.id and a.scope = '境外')
    union all  -- one for the office, not one for everybody in it
    select distinct p.node, 'festival', null::uuid, f.name, f.day
      from person p, unnest(feasts, named) f (day, name)
  )
  select distinct d.node, d.kind, d.id, d.festival, d.day, d.day - case d.kind when 'return_day' then 0 else r.days_before end
    from dated d join rule r on r.node = d.node and r.kind = d.kind
   where d.day between greatest(today - 14, r.on_since) and until
$$;

-- Bring the rows below `root` into line: what is told from today on comes, what is open and no longer asked for goes, and
-- an open one goes with the file. What somebody ticked off stays, so that it never comes again. Returns the rows added.
create function portal.plan_dates(root uuid, today date, feasts date[], named text[],
                                  sealed_of uuid[], sealed_kinds text[], sealed_days text[]) returns bigint
language plpgsql security definer set search_path = pg_catalog, public
  set plan_cache_mode = force_custom_plan as $$
declare added bigint;
begin
  if not coalesce(portal.may('send_reminders', root), false) then
    raise exception 'reminders_refused' using errcode = 'insufficient_privilege';
  end if;
  with wanted as materialized (
    select w.*, coalesce(w.member_id, w.organization_id) as whose
      from portal.wanted_dates(root, today, today + 180, feasts, named, sealed_of, sealed_kinds, sealed_days) w
  ), over as (
    delete from contacts_datereminder r using portal_organization top, portal_organization node
     where top.id = root and node.id = r.organization_id and node.path operator(public.<@) top.path
       and r.state = 'open' and r.day >= today - 14
       and not exists (select from wanted w where w.whose = coalesce(r.member_id, r.organization_id)
                          and w.kind = r.kind and w.day = r.day)
  )
  insert into contacts_datereminder (id, organization_id, member_id, kind, festival, day, announce_on, state)
  select gen_random_uuid(), w.organization_id, w.member_id, w.kind, w.festival, w.day, w.announce_on, 'open'
    from wanted w
   where w.announce_on <= today and not exists (
         select from contacts_datereminder r where coalesce(r.member_id, r.organization_id) = w.whose
            and r.kind = w.kind and r.day = w.day)
  on conflict do nothing;
  get diagnostics added = row_count;
  -- of people who have left, however old: nobody looks after them any more
  delete from contacts_datereminder r using portal_organization top, portal_organization node, members_member m
   where top.id = root and node.id = r.organization_id and node.path operator(public.<@) top.path
     and r.state = 'open' and m.id = r.member_id and (m.state not in ('floating', 'pending') or m.same_as_id is not null);
  return added;
end $$;

-- The outbox rows for open reminders of members: one for a member and the day from which it is told, hung on the duty of
-- the managing side, which knows who hears of it. After a month it is not mailed any more; the list still has it.
create function portal.plan_date_messages(root uuid, today date) returns bigint
language plpgsql security definer set search_path = pg_catalog, public
  set plan_cache_mode = force_custom_plan as $$
declare added bigint;
begin
  if not coalesce(portal.may('send_reminders', root), false) then
    raise exception 'reminders_refused' using errcode = 'insufficient_privilege';
  end if;
  with waiting as materialized (
    select distinct r.member_id, r.organization_id as node, r.announce_on
      from contacts_datereminder r
      join members_member m on m.id = r.member_id and m.organization_id = r.organization_id
                           and m.state in ('floating', 'pending')
      join portal_organization node on node.id = r.organization_id
      join portal_organization top on top.id = root and node.path operator(public.<@) top.path
     where r.state = 'open' and r.announce_on between today - 30 and today
  ), rules as materialized (
    select n.node, p.* from (select distinct node from waiting) n, lateral portal.reminder_rules(n.node, today) p
  )
  insert into contacts_outboundmessage as kept (id, obligation_id, organization_id, due_on, step, state, reason, planned_at)
  select distinct on (w.member_id, w.announce_on) gen_random_uuid(), o.id, w.node, w.announce_on, 'date', 'pending', '', now()
    from waiting w join rules p on p.node = w.node
    join contacts_contactobligation o on o.member_id = w.member_id and o.organization_id = w.node and o.side <> 'member'
                                     and o.standing <> 'outside' and o.ended_on is null
   where portal.step_verdict('date', w.announce_on, null, 0, null, null, p.go_live_on, 0, 0, 0, 0, today, p.rests) = 'due'
     and not exists (select from contacts_outboundmessage m
                      join contacts_contactobligation d on d.id = m.obligation_id
                      where d.member_id = w.member_id and m.due_on = w.announce_on and m.step = 'date'
                        and (m.state <> 'cancelled' or m.reason = 'given_up'))
   order by w.member_id, w.announce_on, o.side
  on conflict (obligation_id, due_on, step) do update
     set state = 'pending', reason = '', digest_id = null, liaison_id = null, recipient_id = null, refusals = 0,
         organization_id = excluded.organization_id
   where kept.state = 'cancelled' and kept.reason <> 'given_up';
  get diagnostics added = row_count;
  return added;
end $$;

-- An open reminder goes with the file to the organization that manages it now.
create function portal.route_dates() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update contacts_datereminder r set organization_id = n.organization_id
    from changed_rows n join former_rows f on f.id = n.id
   where n.organization_id <> f.organization_id and r.member_id = n.id and r.state = 'open';
  return null;
end $$;
create trigger route_dates after update on members_member
  referencing old table as former_rows new table as changed_rows
  for each statement execute function portal.route_dates();

-- Taking an imported ledger back: they follow from the file and go with it.
create function portal.blocks_undo_contacts_datereminder(ids uuid[], batch uuid, at timestamptz) returns setof uuid
language sql stable set search_path = pg_catalog, public as $$ select id from unnest(ids) id where false $$;

-- Two organizations are merged: one reminder of a festival stays.
create function portal.merge_rows_contacts_datereminder(gone uuid, kept uuid) returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  delete from contacts_datereminder old using contacts_datereminder mine
   where old.organization_id = gone and mine.organization_id = kept and old.member_id is null and mine.member_id is null
     and old.kind = mine.kind and old.day = mine.day;
  update contacts_datereminder set organization_id = kept where organization_id = gone;
end $$;
revoke execute on function portal.merge_rows_contacts_datereminder(uuid, uuid) from {app};
