-- Channels beside e-mail: the robots of work groups, and the portal's own page of reminders.

-- Robots are set up by whoever arranges the work of liaisons there; the rounds of reminders read them. They are switched
-- off, not deleted: what was sent by them stays.
alter table contacts_channelaccount enable row level security;
create policy see on contacts_channelaccount for select using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[])
  or organization_id = any ((select portal.organization_ids('send_reminders'))::uuid[]));
create policy make on contacts_channelaccount for insert with check (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
create policy change on contacts_channelaccount for update using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
revoke delete on contacts_channelaccount from {app};

-- Two organizations are merged: of two robots that are switched on the kept organization's own stays so. Called once for
-- each column that holds organizations.
create function portal.merge_rows_contacts_channelaccount(gone uuid, kept uuid) returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  update contacts_channelaccount old set is_active = false
   where old.organization_id = gone
     and exists (select 1 from contacts_channelaccount mine where mine.organization_id = kept and mine.is_active);
  update contacts_channelaccount set organization_id = kept where organization_id = gone;
end $$;

revoke execute on function portal.merge_rows_contacts_channelaccount(uuid, uuid) from {app};

-- What somebody was told, for this person alone: a digest, and which duties it was about (whom they are about is read
-- with the member). A liaison reads no reminders of others.
create policy own on contacts_digest for select using (reader_id = (select portal.actor_user()));
create policy own on contacts_outboundmessage for select using (
  digest_id in (select d.id from contacts_digest d where d.reader_id = (select portal.actor_user())));

-- Note that the acting person has read these; of those of others none is touched. Returns how many were new.
create function portal.read_digests(ids uuid[]) returns bigint
language sql security definer set search_path = pg_catalog, public as $$
  with done as (
    update contacts_digest d set read_at = now()
     where d.id = any (ids) and d.reader_id = (select portal.actor_user()) and d.read_at is null
    returning 1)
  select count(*) from done
$$;

-- The texts of the day for work groups: one for each robot that is switched on, if anybody below its organization was told
-- today whom to contact, and the organization does not rest. What an earlier day could not say, and what a person wants said
-- again, goes out with today's. Returns the rows added.
create function portal.group_texts(root uuid, today date) returns bigint
language plpgsql security definer set search_path = pg_catalog, public
  set plan_cache_mode = force_custom_plan as $$
declare added bigint := 0;
begin
  if not coalesce(portal.may('send_reminders', root), false) then
    raise exception 'reminders_refused' using errcode = 'insufficient_privilege';
  end if;
  perform pg_advisory_xact_lock(hashtext('reminders'), hashtext(root::text));
  if exists (select 1 from portal_organization top
               join portal_organization own on own.path operator(public.<@) top.path
               join contacts_channelaccount a on a.organization_id = own.id and a.is_active
              where top.id = root and not exists (select 1 from contacts_outboundmessage m
                                                   where m.account_id = a.id and m.due_on = today)) then
    with told as materialized (
      select distinct m.organization_id as node
        from contacts_digest d join contacts_outboundmessage m on m.digest_id = d.id
       where d.organization_id = root and d.for_on = today and d.account_id is null
         and m.obligation_id is not null and m.step <> 'date'
    )
    insert into contacts_outboundmessage (id, account_id, organization_id, due_on, step, state, reason, planned_at)
    select distinct on (a.id) gen_random_uuid(), a.id, a.organization_id, today, '', 'pending', '', now()
      from told join portal_organization node on node.id = told.node
      join portal_organization own on own.path operator(public.@>) node.path
      join portal_organization top on top.id = root and own.path operator(public.<@) top.path
      join contacts_channelaccount a on a.organization_id = own.id and a.is_active
     where not portal.rests_on(own.id, today)
    on conflict do nothing;
    get diagnostics added = row_count;
  end if;

  with waiting as materialized (
    select m.id, m.account_id, a.organization_id, a.is_active
      from contacts_outboundmessage m join contacts_channelaccount a on a.id = m.account_id
      join portal_organization node on node.id = m.organization_id
      join portal_organization top on top.id = root and node.path operator(public.<@) top.path
     where m.state = 'pending' and m.digest_id is null and not portal.rests_on(a.organization_id, today)
  ), off as (
    update contacts_outboundmessage m set state = 'cancelled', reason = 'not_due'
      from waiting w where m.id = w.id and not w.is_active
  )
  insert into contacts_digest (id, organization_id, office_id, account_id, channel, for_on, state, reason, attempts,
                               is_resend)
  select distinct on (w.account_id) gen_random_uuid(), root, w.organization_id, w.account_id, 'robot', today, 'pending',
         '', 0, false
    from waiting w where w.is_active
  on conflict do nothing;
  -- one that was refused for good said nothing: it may say it after all
  update contacts_outboundmessage m set digest_id = d.id
    from contacts_digest d
   where d.organization_id = root and d.for_on = today and d.account_id is not null and not d.is_resend
     and d.state in ('pending', 'retry', 'cancelled', 'failed')
     and m.account_id = d.account_id and m.state = 'pending' and m.digest_id is null;
  update contacts_digest d set state = 'pending', reason = '', not_before = null, handed_at = null
   where d.organization_id = root and d.for_on = today and d.account_id is not null and d.state in ('cancelled', 'failed')
     and exists (select 1 from contacts_outboundmessage m where m.digest_id = d.id and m.state = 'pending');
  return added;
end $$;
