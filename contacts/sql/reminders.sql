-- The outbox: what is due becomes rows, rows become one digest per recipient and day. Sending is contacts/outbox.py.

-- On which day a step of a duty is reached; null: this step is not used. Ahead of a date only where the time between two
-- contacts is longer. Plain, like step_verdict: no SET and no definer, so that a sweep of a million duties inlines them.
create function portal.step_day(step text, due_on date, limit_on date, target_days int, before_days int,
                                secretary_days int, community_days int, street_days int)
returns date language sql immutable as $$
  select case step when 'before' then case when before_days < target_days then due_on - nullif(before_days, 0) end
                   when 'target' then due_on
                   when 'limit' then limit_on
                   when 'secretary' then limit_on + nullif(secretary_days, 0)
                   when 'community' then limit_on + nullif(community_days, 0)
                   when 'street' then limit_on + nullif(street_days, 0)
                   when 'date' then due_on end
$$;

-- What is to be said of one step of a duty on a day: 'due' is reminded, everything else is a reason why not. The one
-- judge: planning adds what is due, sending drops what is not, the page "why" prints it. Of the steps for whoever calls
-- (before, target, limit) only the latest that is reached counts, and so it is with the steps for those above. On a day
-- on which the organization rests nothing is due: it is on the next workday. 'date' is the reminder of a date
-- (dates.sql), with the day from which it is told in place of the due date.
create function portal.step_verdict(step text, due_on date, limit_on date, target_days int, ended_on date,
                                    paused_until date, go_live_on date, before_days int, secretary_days int,
                                    community_days int, street_days int, today date, rests boolean default false)
returns text language sql immutable as $$
  select case
    when ended_on <= today then 'ended'
    when portal.step_day(step, due_on, limit_on, target_days, before_days, secretary_days, community_days, street_days)
         is null then 'off'
    when go_live_on > today then 'before_go_live'
    when portal.step_day(step, due_on, limit_on, target_days, before_days, secretary_days, community_days, street_days)
         > today then 'not_due'
    when paused_until >= today then 'paused'
    when step = 'before' and due_on <= today then 'later_step'
    when step = 'target' and limit_on <= today then 'later_step'
    when step in ('secretary', 'community') and limit_on + nullif(street_days, 0) <= today then 'later_step'
    when step = 'secretary' and limit_on + nullif(community_days, 0) <= today then 'later_step'
    when rests then 'holiday'
    else 'due' end
$$;

-- Whether nothing is sent for an organization on this day, because it is no workday. Replaced by calendar.sql.
create function portal.rests_on(node uuid, on_day date) returns boolean language sql stable as $$ select false $$;

-- The steps that hold at an organization, since when it is in use (null: no interval of its own or above), and whether
-- it rests today.
create function portal.reminder_rules(node uuid, today date, out before_days int, out secretary_days int,
                                      out community_days int, out street_days int, out go_live_on date,
                                      out rests boolean)
language sql stable as $$
  select p.before_days, p.secretary_days, p.community_days, p.street_days, (
           select c.go_live_on
             from public.portal_organization here
             join public.portal_organization above on above.path operator(public.@>) here.path
             join public.contacts_contactpolicy c on c.organization_id = above.id
            where here.id = node order by public.nlevel(above.path) desc limit 1),
         portal.rests_on(node, today)
    from portal.contact_policy(node) p
$$;

-- Hooks: reminders of needs, whose tables come later (need_reminders.sql).
create function portal.plan_need_reminders(root uuid, today date) returns bigint
language sql set search_path = pg_catalog as $$ select 0::bigint $$;
create function portal.stale_need_reminders(messages uuid[], today date) returns table (message_id uuid, why text)
language sql stable set search_path = pg_catalog as $$ select null::uuid, null::text where false $$;
create function portal.need_reminder_recipients(messages uuid[])
returns table (message_id uuid, liaison_id uuid, user_id uuid, address text, way text)
language sql stable set search_path = pg_catalog as $$
  select null::uuid, null::uuid, null::uuid, null::text, null::text where false
$$;

-- One statement. A key that exists is left alone, except where its reminder was cancelled unsent and the same date is due
-- again (an interval changed there and back). Returns the rows added. A row's id follows from its key: that of a duty
-- cannot be guessed, and new randomness for each takes as long as half the rest.
create function portal.plan_reminders(root uuid, today date) returns bigint
language plpgsql security definer set search_path = pg_catalog, public
  set plan_cache_mode = force_custom_plan set work_mem = '32MB' set datestyle = 'ISO' as $$
declare added bigint;
begin
  if not portal.may('send_reminders', root) then
    raise exception 'reminders_refused' using errcode = 'insufficient_privilege';
  end if;
  -- two rounds that plan at once would lock each other's rows in different orders; the second finds all planned
  perform pg_advisory_xact_lock(hashtext('reminders'), hashtext(root::text));
  with office as materialized (
    select node.id, p.*
      from portal_organization top
      join portal_organization node on node.path operator(public.<@) top.path
     cross join lateral portal.reminder_rules(node.id, today) p
     where top.id = root
       and exists (select 1 from contacts_contactobligation o where o.organization_id = node.id and o.ended_on is null)
  ), due as materialized (
    select o.id, o.organization_id, o.due_on, s.step
      from office p
      join contacts_contactobligation o on o.organization_id = p.id and o.ended_on is null and o.side <> 'member'
                                       and o.due_on <= today + p.before_days
     cross join lateral (values  -- of each kind the one that may be the latest: five of six need not be judged
            (case when o.limit_on <= today then 'limit' when o.due_on <= today then 'target' else 'before' end),
            (case when o.limit_on + nullif(p.street_days, 0) <= today then 'street'
                  when o.limit_on + nullif(p.community_days, 0) <= today then 'community'
                  when o.limit_on + nullif(p.secretary_days, 0) <= today then 'secretary' end)) s (step)
     where s.step is not null
       and portal.step_verdict(s.step, o.due_on, o.limit_on, o.target_days, o.ended_on, o.paused_until, p.go_live_on,
                               p.before_days, p.secretary_days, p.community_days, p.street_days, today, p.rests) = 'due'
  ), again as (
    update contacts_outboundmessage m
       set state = 'pending', reason = '', digest_id = null, liaison_id = null, recipient_id = null, refusals = 0
      from due where m.obligation_id = due.id and m.due_on = due.due_on and m.step = due.step
       and m.state = 'cancelled' and m.reason <> 'given_up'
    returning m.id
  ), fresh as (
    insert into contacts_outboundmessage (id, obligation_id, organization_id, due_on, step, state, reason, planned_at)
    select md5(due.id || due.step || due.due_on)::uuid, due.id, due.organization_id, due.due_on, due.step, 'pending', '',
           now()
      from due
     where not exists (select from contacts_outboundmessage m
                        where m.obligation_id = due.id and m.due_on = due.due_on and m.step = due.step)
    returning id
  )
  select (select count(*) from again) + (select count(*) from fresh) into added;
  return added + portal.plan_need_reminders(root, today) + portal.plan_office_lines(root, today);
end $$;

-- Of these reminders those that must not be sent any more, and why; 'holiday': not today. The reminder of a date is over
-- once that date is done with. Under the rights of who asks.
create function portal.stale_reminders(messages uuid[], today date) returns table (message_id uuid, why text)
language plpgsql stable set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan as $$
begin
  return query
  with asked as materialized (
    select m.id, m.step::text, m.due_on as planned_for, o.organization_id,
           case m.step when 'date' then m.due_on else o.due_on end as due_on, o.limit_on, o.target_days,
           case when m.step <> 'date' then o.ended_on
                when not exists (select from contacts_datereminder r join members_member p on p.id = r.member_id
                                  where r.member_id = o.member_id and r.announce_on = m.due_on and r.state = 'open'
                                    and p.state in ('floating', 'pending')) then today end as ended_on,
           case when m.step <> 'date' then o.paused_until end as paused_until
      from contacts_outboundmessage m
      join contacts_contactobligation o on o.id = m.obligation_id
     where m.id = any (messages)
  ), rules as materialized (
    select n.node, p.* from (select distinct organization_id as node from asked) n
     cross join lateral portal.reminder_rules(n.node, today) p
  ), judged as (
    select a.id, portal.step_verdict(a.step, a.due_on, a.limit_on, a.target_days, a.ended_on, a.paused_until,
             p.go_live_on, p.before_days, p.secretary_days, p.community_days, p.street_days, today, p.rests) as verdict,
           a.planned_for is distinct from a.due_on as moved
      from asked a join rules p on p.node = a.organization_id
  )
  select j.id, case when j.moved then 'rescheduled'
                            when j.verdict in ('ended', 'paused', 'later_step', 'holiday') then j.verdict else 'not_due' end
    from judged j where j.moved or j.verdict <> 'due';
  return query select * from portal.stale_need_reminders(messages, today);
  return query select * from portal.stale_office_lines(messages, today);
end $$;

-- Who should hear about each waiting reminder: the primary liaison for the managing side; without a liaison, or one with
-- neither an e-mail address nor an account, and for the other side, the nearest person who may log contacts there. What is told to those above goes to
-- the nearest such person at the branch, the community or the street, or above it. Both null: nobody. A liaison with an
-- account hears nothing once the account is switched off or its roles have ended, unless a work link still stands.
-- `way`: where the people can be seen: login, link (the work link on the liaison's own device) or office (neither).
-- `address` is '' for whoever logs in and has none: those read it in the portal. In plpgsql, which keeps the plan: one mail
-- after the other asks this at its last moment.
create function portal.reminder_recipients(messages uuid[])
returns table (message_id uuid, liaison_id uuid, user_id uuid, address text, way text)
language plpgsql stable security definer set search_path = pg_catalog, public as $$
#variable_conflict use_column
begin
  return query
  with waiting as (
    select m.id, o.organization_id as node, l.id as liaison_id, l.address, l.way,
           case m.step when 'secretary' then 3 when 'community' then 2 when 'street' then 1 else 9 end as lowest
      from unnest(messages) as one (id) join contacts_outboundmessage m on m.id = one.id
      join contacts_contactobligation o on o.id = m.obligation_id
      join members_member p on p.id = o.member_id
      left join (
        -- the file in which the side of the duty writes: the member's, or the one that was folded into it
        select f.person, f.node, l.id, coalesce(nullif(l.email, ''), u.email) as address,
               case when u.id is not null then 'login' when link.stands then 'link' else 'office' end as way
          from (select id as person, organization_id as node, id as file from members_member
                union all
                select same_as_id, organization_id, id from members_member where same_as_id is not null) f
          join contacts_liaisonassignment a on a.member_id = f.file and a.is_primary and a.ended_on is null
          join contacts_liaison l on l.id = a.liaison_id and l.is_active
          left join portal_user u on u.id = l.user_id and u.is_active and exists (
            select 1 from portal_organizationgrant g
             where g.user_id = u.id and (g.until is null or g.until >= portal.today()))
          cross join lateral (select exists (
            select 1 from portal_worklink k
             where k.subject_kind = 'liaison' and k.subject_id = l.id and k.organization_id = l.organization_id
               and k.closed_at is null and k.device_digest is not null and k.expires_at > now()) as stands) link
         where l.user_id is null or u.id is not null or link.stands
      ) l on l.person = p.id and l.node = o.organization_id and (l.address <> '' or l.way = 'login')
         and m.step in ('before', 'target', 'limit', 'date')
     where m.organization_id = any ((select portal.organization_ids('send_reminders'))::uuid[])
  ), clerk as (
    select distinct on (n.node, n.lowest) n.node, n.lowest, u.id, u.email
      from (select distinct w.node, w.lowest from waiting w where w.liaison_id is null) n
      join portal_organization here on here.id = n.node
     cross join lateral portal.users_with('log_contacts', n.node) c
      join portal_organization above on above.path operator(public.@>) here.path and nlevel(above.path) = c.depth
       and case above.kind when 'branch' then 3 when 'community' then 2 when 'street' then 1 else 0 end <= n.lowest
      join portal_user u on u.id = c.user_id
     order by n.node, n.lowest, c.depth desc, u.email = '', u.username
  )
  select w.id, w.liaison_id, clerk.id, coalesce(w.address, clerk.email)::text, coalesce(w.way, 'login')
    from waiting w left join clerk on clerk.node = w.node and clerk.lowest = w.lowest and w.liaison_id is null
  union all
  -- asked where there are any
  select r.* from (select array_agg(m.id) as ids from contacts_outboundmessage m
                    where m.id = any (messages) and m.need_id is not null) of_needs
   cross join lateral portal.need_reminder_recipients(of_needs.ids) r where of_needs.ids is not null
  union all
  select r.* from (select array_agg(m.id) as ids from contacts_outboundmessage m
                    where m.id = any (messages) and m.obligation_id is null and m.need_id is null
                      and m.account_id is null) of_offices
   cross join lateral portal.office_line_recipients(of_offices.ids) r where of_offices.ids is not null;
end $$;

-- Put the waiting reminders of one root into today's digests. A digest that was handed to the mail server takes no more:
-- what comes later waits for tomorrow. What an earlier day could not send goes out with today's. A row that nobody can
-- receive waits with that reason and is asked about again in every round. What belongs to an organization that rests
-- today waits for its next workday, and so does a mail that is sent a second time. Returns how many have no recipient now.
create function portal.group_reminders(root uuid, today date) returns bigint
language plpgsql security definer set search_path = pg_catalog, public
  set plan_cache_mode = force_custom_plan as $$
declare
  failed bigint;
  ids uuid[];
  liaisons uuid[];
  users uuid[];
  addresses text[];
  ways text[];
begin
  if not portal.may('send_reminders', root) then
    raise exception 'reminders_refused' using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(hashtext('reminders'), hashtext(root::text));
  with late as (
    update contacts_digest set state = 'cancelled', reason = 'superseded'
     where organization_id = root and for_on < today and state in ('pending', 'retry') and not is_resend
    returning id
  )
  update contacts_outboundmessage m set digest_id = null, state = 'pending', reason = ''
    from late where m.digest_id = late.id and m.state in ('pending', 'retry');
  update contacts_digest d set not_before = (today + 1)::timestamp at time zone 'Asia/Shanghai'
   where d.organization_id = root and (d.state = 'unsure' and not d.is_resend or d.state = 'retry' and d.is_resend)
     and exists (select from contacts_outboundmessage m where m.digest_id = d.id and m.state in ('unsure', 'retry')
                    and portal.rests_on(m.organization_id, today));

  select array_agg(r.message_id), array_agg(r.liaison_id), array_agg(r.user_id), array_agg(r.address), array_agg(r.way)
    into ids, liaisons, users, addresses, ways
    from portal.reminder_recipients(array(
      with waiting as materialized (
        select m.id, m.organization_id as node
          from contacts_outboundmessage m join portal_organization node on node.id = m.organization_id
          join portal_organization top on top.id = root and node.path operator(public.<@) top.path
         where m.state = 'pending' and m.digest_id is null
      ), nodes as materialized (  -- asked once each, and not for every row
        select distinct node from waiting
      ), works as materialized (
        select node from nodes where not portal.rests_on(node, today))
      select w.id from waiting w join works on works.node = w.node)) r;
  if ids is null then return 0; end if;

  -- the office that takes turns with others in the sending: a street with everything below it, so that one office with
  -- thousands of mails does not hold up the three of another; and whose page of the portal shows it
  insert into contacts_digest (id, organization_id, office_id, liaison_id, user_id, reader_id, channel, for_on, state,
                               reason, attempts, is_resend)
  select gen_random_uuid(), root, g.office_id, g.liaison_id, g.user_id, coalesce(g.user_id, l.user_id),
         case when g.address <> '' then 'mail' else 'inbox' end, today, 'pending', '', 0, false
    from (select distinct on (r.liaison_id, r.user_id) r.liaison_id, r.user_id, r.address, r.way, place.office_id
            from unnest(ids, liaisons, users, addresses, ways) as r (message_id, liaison_id, user_id, address, way)
            join contacts_outboundmessage m on m.id = r.message_id
            join (select n.node, coalesce((select above.id from portal_organization here
                                             join portal_organization above
                                               on above.path operator(public.@>) here.path and above.kind = 'street'
                                            where here.id = n.node order by nlevel(above.path) desc limit 1), n.node)
                    from (select distinct w.organization_id as node from contacts_outboundmessage w
                           where w.id = any (ids)) n) place (node, office_id) on place.node = m.organization_id
           where r.liaison_id is not null or r.user_id is not null
           order by r.liaison_id, r.user_id, place.office_id) g
    left join contacts_liaison l on l.id = g.liaison_id and g.way = 'login'
  on conflict do nothing;
  update contacts_outboundmessage m
     set digest_id = d.id, liaison_id = g.liaison_id, recipient_id = g.user_id, reason = ''
    from unnest(ids, liaisons, users) as g (message_id, liaison_id, user_id) join contacts_digest d
      on d.organization_id = root and d.for_on = today and d.state in ('pending', 'retry', 'cancelled') and not d.is_resend
     and coalesce(d.liaison_id, d.user_id) = coalesce(g.liaison_id, g.user_id)  -- an `or` cannot be hashed
   where m.id = g.message_id;
  update contacts_digest d set state = 'pending', reason = ''
   where d.organization_id = root and d.for_on = today and d.state = 'cancelled'
     and exists (select 1 from contacts_outboundmessage m where m.digest_id = d.id and m.state = 'pending');
  update contacts_outboundmessage m set reason = 'no_recipient'
    from unnest(ids, liaisons, users) as g (message_id, liaison_id, user_id)
   where m.id = g.message_id and g.liaison_id is null and g.user_id is null and m.reason <> 'no_recipient';
  get diagnostics failed = row_count;
  return failed;
end $$;

-- Note that a mail is being handed over. `token` is the claim's number of attempts: a claim that was lost begins nothing.
-- Returns the rows still to be sent; what somebody else should hear by now goes back to wait for the next round. A mail
-- without a row is closed, its day stays open for what may come. For hand_over alone.
create function portal.begin_mail(mail uuid, token int) returns uuid[]
language plpgsql set search_path = pg_catalog, public as $$
declare
  to_liaison uuid;
  to_user uuid;
  rows uuid[];
begin
  update contacts_digest set handed_at = clock_timestamp()
   where id = mail and attempts = token and state = 'sending' and lease_until > clock_timestamp()
  returning liaison_id, user_id into to_liaison, to_user;
  if not found then return '{}'; end if;
  rows := array(select m.id from contacts_outboundmessage m where m.digest_id = mail and m.state = 'sending');
  update contacts_outboundmessage m set state = 'pending', digest_id = null, liaison_id = null, recipient_id = null
    from portal.reminder_recipients(rows) r
   where m.digest_id = mail and m.id = r.message_id
     and (to_liaison is distinct from r.liaison_id or to_user is distinct from r.user_id);
  if found then
    rows := array(select m.id from contacts_outboundmessage m where m.digest_id = mail and m.state = 'sending');
  end if;
  if rows = '{}' then
    update contacts_digest set state = 'cancelled', reason = 'not_due', handed_at = null, lease_until = null where id = mail;
  end if;
  return rows;
end $$;

-- Write down what became of a mail. One that went out counts as sent, even if a contact was logged meanwhile. Who lost the
-- claim to another worker writes nothing. What was refused for the eighth time waits for a person (dead_letters.sql); a
-- server that cannot be reached says nothing about the mail and is asked on and on. Returns the rows that changed. For
-- hand_over alone.
create function portal.finish_mail(mail uuid, token int, messages uuid[], new_state text, why text, again_at timestamptz)
returns bigint language plpgsql set search_path = pg_catalog, public as $$
declare
  changed bigint;
  is_refused boolean := new_state = 'retry' and why = 'refused';
begin
  update contacts_digest
     set state = new_state, reason = why, not_before = again_at, lease_until = null,
         handed_at = case when new_state = 'retry' then null else handed_at end,
         sent_at = case when new_state = 'sent' then clock_timestamp() end
   where id = mail and attempts = token and state in ('sending', 'unsure');
  if not found then return 0; end if;
  update contacts_outboundmessage m
     set state = case when is_refused and m.refusals >= 7 then 'failed' else new_state end,
         reason = case when is_refused and m.refusals >= 7 then 'too_often' else why end,
         refusals = m.refusals + is_refused::int,
         sent_at = case when new_state = 'sent' then clock_timestamp() end
   where m.id = any (messages) and m.digest_id = mail
     and (m.state in ('sending', 'unsure') or (m.state = 'cancelled' and new_state = 'sent'));
  get diagnostics changed = row_count;
  return changed;
end $$;

-- What became of one mail and the beginning of the next (either may be null), one after the other. Returns the rows that
-- changed with the first, and those of the second that are still to be sent.
create function portal.hand_over(done uuid, done_token int, messages uuid[], new_state text, why text, again_at timestamptz,
                                 next uuid, next_token int, out changed bigint, out to_send uuid[])
language plpgsql security definer set search_path = pg_catalog, public
  set plan_cache_mode = force_generic_plan as $$  -- a mail has few rows: planned once for all
declare
  roots uuid[] := array(select distinct d.organization_id from contacts_digest d where d.id in (done, next));
begin
  if roots = '{}' or exists (select from unnest(roots) root where not portal.may('send_reminders', root)) then
    raise exception 'reminders_refused' using errcode = 'insufficient_privilege';
  end if;
  if done is not null then
    changed := portal.finish_mail(done, done_token, messages, new_state, why, again_at);
  end if;
  if next is not null then to_send := portal.begin_mail(next, next_token); end if;
end $$;
revoke execute on function portal.begin_mail(uuid, int), portal.finish_mail(uuid, int, uuid[], text, text, timestamptz)
  from {app};
