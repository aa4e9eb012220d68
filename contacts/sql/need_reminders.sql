-- Needs in the outbox: one that is overdue, or that somebody wanted to look at again, goes to the person in charge; later
-- to those above, by the days of the office's rules. In the same digests as the duties (reminders.sql).

-- Unanswered needs in whose charge nobody stands: no person named, or one who may not work on needs there any more.
create function portal.needs_of_nobody() returns setof uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with open as materialized (
    select n.id, n.organization_id, n.owner_id from public.contacts_need n
     where n.state in ('open', 'doing')
       and n.organization_id = any ((select portal.organization_ids('view_members'))::uuid[])
  ), staff as materialized (
    select distinct o.organization_id, u.user_id from (select distinct organization_id from open) o
     cross join lateral portal.users_with('manage_needs', o.organization_id) u
  )
  select o.id from open o
   where not exists (select from staff s where s.organization_id = o.organization_id and s.user_id = o.owner_id)
$$;

-- What is to be said of these needs on a day: each due date with its step. Of the steps for those above only the latest
-- that is reached counts, as with duties; 0 days: it is not sent.
create function portal.need_steps(due_on date, follow_on date, secretary_days int, community_days int, street_days int,
                                  today date)
returns table (day date, step text) language sql immutable rows 2 as $$
  select one.day, one.step
    from (values (due_on, case when due_on < today then 'limit' end),
                 (follow_on, case when follow_on <= today then 'follow' end),
                 (due_on, case when due_on + nullif(street_days, 0) <= today then 'street'
                               when due_on + nullif(community_days, 0) <= today then 'community'
                               when due_on + nullif(secretary_days, 0) <= today then 'secretary' end)) one (day, step)
   where one.step is not null
$$;

create or replace function portal.plan_need_reminders(root uuid, today date) returns bigint
language plpgsql security definer set search_path = pg_catalog, public
  set plan_cache_mode = force_custom_plan as $$
declare added bigint;
begin
  if not portal.may('send_reminders', root) then
    raise exception 'reminders_refused' using errcode = 'insufficient_privilege';
  end if;
  with office as materialized (
    select node.id, p.secretary_days, p.community_days, p.street_days
      from portal_organization top
      join portal_organization node on node.path operator(public.<@) top.path
     cross join lateral portal.contact_policy(node.id) p
     where top.id = root
       and exists (select 1 from contacts_need n where n.organization_id = node.id and n.state in ('open', 'doing'))
  )
  insert into contacts_outboundmessage as kept (id, need_id, organization_id, due_on, step, state, reason, planned_at)
  select gen_random_uuid(), n.id, n.organization_id, s.day, s.step, 'pending', '', now()
    from office p
    join contacts_need n on n.organization_id = p.id and n.state in ('open', 'doing')
     and least(n.due_on + 1, n.follow_on) <= today
   cross join lateral portal.need_steps(n.due_on, n.follow_on, p.secretary_days, p.community_days, p.street_days, today) s
   where not exists (select 1 from contacts_outboundmessage m
                      where m.need_id = n.id and m.due_on = s.day and m.step = s.step
                        and (m.state <> 'cancelled' or m.reason = 'given_up'))
  on conflict (need_id, due_on, step) where need_id is not null do update
     set state = 'pending', reason = '', digest_id = null, liaison_id = null, recipient_id = null, refusals = 0
   where kept.state = 'cancelled' and kept.reason <> 'given_up';
  get diagnostics added = row_count;
  return added;
end $$;

create or replace function portal.stale_need_reminders(messages uuid[], today date)
returns table (message_id uuid, why text)
language sql stable set search_path = pg_catalog, public as $$
  select m.id, case when n.state not in ('open', 'doing') then 'ended'
                    when m.due_on is distinct from case m.step when 'follow' then n.follow_on else n.due_on end
                    then 'rescheduled' else 'later_step' end
    from contacts_outboundmessage m join contacts_need n on n.id = m.need_id
   cross join lateral portal.contact_policy(n.organization_id) p
   where m.id = any (messages)
     and (n.state not in ('open', 'doing')
          or not exists (select from portal.need_steps(n.due_on, n.follow_on, p.secretary_days, p.community_days,
                                                       p.street_days, today) s
                          where s.day = m.due_on and s.step = m.step))
$$;

-- Who should hear: the person in charge while that one works on needs there; in nobody's charge the nearest who does, so
-- the community's clerk. Those above as with duties. All of them log in.
create or replace function portal.need_reminder_recipients(messages uuid[])
returns table (message_id uuid, liaison_id uuid, user_id uuid, address text, way text)
language sql stable security definer set search_path = pg_catalog, public as $$
  with waiting as materialized (
    select m.id, n.organization_id as node, n.owner_id,
           case m.step when 'secretary' then 3 when 'community' then 2 when 'street' then 1 else 9 end as lowest
      from contacts_outboundmessage m join contacts_need n on n.id = m.need_id
     where m.id = any (messages)
       and m.organization_id = any ((select portal.organization_ids('send_reminders'))::uuid[])
  ), person as materialized (
    select n.node, n.lowest, u.id, u.email, u.username, c.depth
      from (select distinct w.node, w.lowest from waiting w) n
      join portal_organization here on here.id = n.node
     cross join lateral portal.users_with(case n.lowest when 9 then 'manage_needs' else 'log_contacts' end, n.node) c
      join portal_organization above on above.path operator(public.@>) here.path and nlevel(above.path) = c.depth
       and case above.kind when 'branch' then 3 when 'community' then 2 when 'street' then 1 else 0 end <= n.lowest
      join portal_user u on u.id = c.user_id
  ), nearest as (
    select distinct on (p.node, p.lowest) p.* from person p
     order by p.node, p.lowest, p.depth desc, p.email = '', p.username
  )
  select w.id, null::uuid, coalesce(own.id, nearest.id), coalesce(own.email, nearest.email), 'login'
    from waiting w
    left join lateral (select p.id, p.email from person p
                        where w.lowest = 9 and p.node = w.node and p.lowest = 9 and p.id = w.owner_id limit 1) own on true
    left join nearest on nearest.node = w.node and nearest.lowest = w.lowest
$$;

-- Answered, put off or moved to another office: what waits about it ends or goes along in the same transaction.
create function portal.follow_need() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.contacts_outboundmessage m
     set state = 'cancelled',
         reason = case when n.state in ('open', 'doing') then 'rescheduled' else 'ended' end
    from changed_rows n join former_rows f on f.id = n.id
   where m.need_id = n.id and m.state in ('pending', 'retry', 'sending')
     and (n.state not in ('open', 'doing')
          or m.due_on is distinct from case m.step when 'follow' then n.follow_on else n.due_on end);
  update public.contacts_outboundmessage m
     set organization_id = n.organization_id, digest_id = null, state = 'pending', liaison_id = null,
         recipient_id = null
    from changed_rows n join former_rows f on f.id = n.id
   where m.need_id = n.id and n.organization_id <> f.organization_id and m.state in ('pending', 'retry');
  return null;
end $$;
create trigger follow_need after update on contacts_need
  referencing old table as former_rows new table as changed_rows
  for each statement execute function portal.follow_need();

create or replace function portal.need_waits(need uuid, due date, step text) returns boolean
language sql stable set search_path = pg_catalog as $$
  select exists (select from public.contacts_need n
                  where n.id = need and n.state in ('open', 'doing')
                    and due = case need_waits.step when 'follow' then n.follow_on else n.due_on end)
$$;

-- Of needs that the member confirmed half a year ago. One that is opened again gets a due date of its own.
create or replace function portal.forget_need_messages() returns void
language sql set search_path = pg_catalog as $$
  delete from public.contacts_outboundmessage m using public.contacts_need n
   where n.id = m.need_id and n.state = 'confirmed' and n.confirmed_on < portal.today() - 180
     and m.planned_at < now() - interval '180 days' and m.state in ('sent', 'failed', 'cancelled', 'unsure')
$$;
revoke execute on function portal.forget_need_messages() from {app};
