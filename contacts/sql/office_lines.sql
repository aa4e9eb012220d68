-- What an office itself is told in the digests, beside duties and needs: report-ins that nobody has decided for more than
-- a day, what another organization has told it, and a festival that its rules tell of (dates.sql). A row of the outbox is about an organization, a step and a day.

-- Hook: how many report-ins wait for more than a day (checkin/sql/late_report_ins.sql).
create function portal.late_report_ins(nodes uuid[]) returns table (node uuid, number int)
language sql stable set search_path = pg_catalog as $$ select null::uuid, null::int where false $$;

-- What there is to say on a day, with the day that it is said of: of report-ins again on every day on which some wait, of
-- what others told once, on the day after (all of a day in one line), for a month at most; of a festival once, from
-- the day on which it is told until it is there, unless somebody has ticked it off.
create function portal.office_lines(nodes uuid[], today date) returns table (node uuid, step text, day date, number int)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with mine as materialized (
    select n from unnest(nodes) n where n = any ((select portal.organization_ids('send_reminders'))::uuid[])
  )
  select w.node, 'report_ins', today, w.number from portal.late_report_ins(array(select n from mine)) w
  union all
  select r.receiver_id, 'told', r.told_on, count(*)::int from public.contacts_lostreport r
   where r.receiver_id in (select n from mine) and r.told_on between today - 30 and today - 1
   group by r.receiver_id, r.told_on
  union all
  select f.organization_id, 'festival', f.announce_on, count(*)::int from public.contacts_datereminder f
   where f.organization_id in (select n from mine) and f.member_id is null and f.kind = 'festival' and f.state = 'open'
     and f.announce_on <= today and f.day >= today
   group by f.organization_id, f.announce_on
$$;

-- Called by portal.plan_reminders, under its lock. Yesterday's line about report-ins gives way to today's. Returns the
-- rows added.
create function portal.plan_office_lines(root uuid, today date) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
  added bigint;
  nodes uuid[];
begin
  if not coalesce(portal.may('send_reminders', root), false) then
    raise exception 'reminders_refused' using errcode = 'insufficient_privilege';
  end if;
  select array_agg(node.id) into nodes
    from portal_organization top join portal_organization node on node.path operator(public.<@) top.path
   where top.id = root;
  update contacts_outboundmessage m set state = 'cancelled', reason = 'later_step', digest_id = null
   where m.organization_id = any (nodes) and m.step = 'report_ins' and m.due_on < today
     and m.state in ('pending', 'retry');
  insert into contacts_outboundmessage as kept (id, organization_id, due_on, step, state, reason, planned_at)
  select gen_random_uuid(), l.node, l.day, l.step, 'pending', '', now()
    from portal.office_lines(nodes, today) l
   where not portal.rests_on(l.node, today)
     and not exists (select from contacts_outboundmessage m
                      where m.organization_id = l.node and m.step = l.step and m.due_on = l.day
                        and m.obligation_id is null and m.need_id is null and m.account_id is null
                        and (m.state <> 'cancelled' or m.reason = 'given_up'))
  on conflict (organization_id, step, due_on) where obligation_id is null and need_id is null and account_id is null
  do update set state = 'pending', reason = '', digest_id = null, liaison_id = null, recipient_id = null, refusals = 0
   where kept.state = 'cancelled' and kept.reason <> 'given_up';
  get diagnostics added = row_count;
  return added;
end $$;

-- Of these the ones that need not be sent any more: everything is decided, or a later day says it.
create function portal.stale_office_lines(messages uuid[], today date) returns table (message_id uuid, why text)
language sql stable set search_path = pg_catalog, public as $$
  select m.id, case when m.step = 'report_ins' and m.due_on <> today then 'later_step' else 'ended' end
    from contacts_outboundmessage m
   where m.id = any (messages) and m.step in ('report_ins', 'told', 'festival')
     and not exists (select from portal.office_lines(array[m.organization_id], today) l
                      where l.step = m.step and l.day = m.due_on)
$$;

-- Who hears of it: the nearest, at the office or above it, who runs report-ins there, or who logs contacts there.
create function portal.office_line_recipients(messages uuid[])
returns table (message_id uuid, liaison_id uuid, user_id uuid, address text, way text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with waiting as materialized (
    select m.id, m.organization_id as node,
           case m.step when 'report_ins' then 'run_checkin' else 'log_contacts' end as wanted
      from public.contacts_outboundmessage m
     where m.id = any (messages) and m.step in ('report_ins', 'told', 'festival')
       and m.organization_id = any ((select portal.organization_ids('send_reminders'))::uuid[])
  ), nearest as (
    select distinct on (n.node, n.wanted) n.node, n.wanted, u.id, u.email
      from (select distinct w.node, w.wanted from waiting w) n
     cross join lateral portal.users_with(n.wanted, n.node) c
      join public.portal_user u on u.id = c.user_id
     order by n.node, n.wanted, c.depth desc, u.email = '', u.username
  )
  select w.id, null::uuid, nearest.id, nearest.email, 'login'
    from waiting w left join nearest on nearest.node = w.node and nearest.wanted = w.wanted
$$;

-- Two organizations are merged: what both were told of one day is one line.
create function portal.merge_rows_contacts_outboundmessage(gone uuid, kept uuid) returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  delete from contacts_outboundmessage old using contacts_outboundmessage mine
   where old.organization_id = gone and mine.organization_id = kept and old.step = mine.step and old.due_on = mine.due_on
     and old.obligation_id is null and old.need_id is null and old.account_id is null
     and mine.obligation_id is null and mine.need_id is null and mine.account_id is null;
  update contacts_outboundmessage set organization_id = kept where organization_id = gone;
end $$;
revoke execute on function portal.merge_rows_contacts_outboundmessage(uuid, uuid) from {app};
