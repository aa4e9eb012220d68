-- Reminders that came to an end without arriving: somebody sends them again or gives them up. What is old is forgotten
-- where nothing can plan it again. And which rules held on a day, for the page "why".

-- Hook: does a reminder of a need still say what is so? (need_reminders.sql)
create function portal.need_waits(need uuid, due date, step text) returns boolean
language sql stable set search_path = pg_catalog as $$ select false $$;

-- The rows that the actor may decide about; raises where there is one among these that it may not, or none acts.
create function portal.lock_reminders(ids uuid[]) returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  if portal.actor_user() is null or exists (
       select 1 from unnest(ids) as asked (id) left join public.contacts_outboundmessage m on m.id = asked.id
        where m.id is null or m.organization_id <> all ((select portal.organization_ids('assign_liaisons'))::uuid[])) then
    raise exception 'reminders_refused' using errcode = 'insufficient_privilege';
  end if;
  perform 1 from public.contacts_outboundmessage m where m.id = any (ids) order by m.id for no key update;
end $$;

create function portal.note_reminders(what text, done uuid[]) returns void
language sql set search_path = pg_catalog, public as $$
  insert into public.portal_auditentry (id, at, actor, action, organization_id, object_type, object_id, detail)
  select gen_random_uuid(), now(), coalesce(portal.actor(), ''), what, m.organization_id, '', null,
         jsonb_build_object('count', count(*))
    from public.contacts_outboundmessage m where m.id = any (done) group by m.organization_id
$$;

-- Send these again in the next round: what failed, what may have arrived and was not asked about again, and what had been
-- given up. Rows whose duty has moved on, or whose robot is off, are left alone. Returns how many wait now.
create function portal.retry_messages(ids uuid[]) returns bigint
language plpgsql security definer set search_path = pg_catalog, public as $$
declare done uuid[];
begin
  perform portal.lock_reminders(ids);
  with again as (
    update contacts_outboundmessage m
       set state = 'pending', reason = '', digest_id = null, liaison_id = null, recipient_id = null, refusals = 0
     where m.id = any (ids)
       and (exists (select from contacts_contactobligation o
                     where o.id = m.obligation_id and o.ended_on is null and (o.due_on = m.due_on or m.step = 'date'))
            or portal.need_waits(m.need_id, m.due_on, m.step)
            or (m.step = 'told' and m.due_on >= portal.today() - 30)
            or (m.step = 'festival' and exists (
                  select from contacts_datereminder f
                   where f.organization_id = m.organization_id and f.member_id is null and f.state = 'open'
                     and f.announce_on = m.due_on and f.day >= portal.today()))
            or exists (select 1 from contacts_channelaccount a where a.id = m.account_id and a.is_active))
       and (m.state = 'failed' or (m.state = 'cancelled' and m.reason = 'given_up')
            or (m.state = 'unsure' and m.reason = 'twice'))
    returning m.id)
  select coalesce(array_agg(again.id), '{}') into done from again;
  perform portal.note_reminders('retry_reminders', done);
  return cardinality(done);
end $$;

-- Never send these: no later round plans the same step of the same date again. Returns how many were waiting or had failed.
create function portal.give_up_messages(ids uuid[]) returns bigint
language plpgsql security definer set search_path = pg_catalog, public as $$
declare done uuid[];
begin
  perform portal.lock_reminders(ids);
  with ended as (
    update contacts_outboundmessage m set state = 'cancelled', reason = 'given_up', digest_id = null
     where m.id = any (ids) and m.state in ('pending', 'retry', 'failed', 'unsure')
    returning m.id)
  select coalesce(array_agg(ended.id), '{}') into done from ended;
  perform portal.note_reminders('give_up_reminders', done);
  return cardinality(done);
end $$;

revoke execute on function portal.lock_reminders(uuid[]), portal.note_reminders(text, uuid[]) from {app};

-- Hook: of needs (need_reminders.sql).
create function portal.forget_need_messages() returns void
language sql set search_path = pg_catalog as $$ select null::void $$;

-- Work of the night: reminders of half a year ago, where a contact that was written down as long ago came on or after the
-- date they were about. The next date is later than that contact, so that date never returns; while it could, the row
-- stays, because its key is what keeps the reminder from being sent twice. The reminder of a date is not mailed any more
-- after a month (portal.plan_date_messages). Returns how many are gone.
create function portal.forget_messages() returns bigint
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  gone bigint;
  said bigint;
begin
  delete from contacts_outboundmessage m using contacts_contactobligation o
   where o.id = m.obligation_id and m.planned_at < now() - interval '180 days' and m.due_on < o.due_on
     and m.state in ('sent', 'failed', 'cancelled', 'unsure')
     and exists (select 1 from contacts_contactlog c
                  where c.member_id = o.member_id and c.side = o.side and c.outcome = 'reached'
                    and c.contacted_on >= m.due_on and c.recorded_at < now() - interval '180 days');
  get diagnostics gone = row_count;
  perform portal.forget_need_messages();
  delete from contacts_outboundmessage m  -- a work group's day comes once, and so does an office's
   where m.obligation_id is null and m.need_id is null and m.due_on < portal.today() - 180
     and m.state in ('sent', 'failed', 'cancelled', 'unsure');
  get diagnostics said = row_count;
  delete from contacts_digest d
   where d.for_on < portal.today() - 180 and d.state in ('sent', 'failed', 'cancelled', 'unsure')
     and not exists (select 1 from contacts_outboundmessage m where m.digest_id = d.id);
  return gone + said;
end $$;

-- The rules of reminding as they were at a moment: who set them (null: nobody, the portal's own hold), since when the
-- office is in use, the interval of whoever set them, and the days of each step. Intervals name no person.
create function portal.reminder_rules_at(node uuid, at timestamptz,
  out from_id uuid, out go_live_on date, out target_days int, out limit_days int,
  out before_days int, out secretary_days int, out community_days int, out street_days int)
language sql stable security definer set search_path = pg_catalog, public as $$
  with known as (
    select distinct on (e.pgh_obj_id) e.*, public.nlevel(above.path) as depth
      from portal_organization here
      join portal_organization above on above.path operator(public.@>) here.path
      join contacts_contactpolicyevent e on e.organization_id = above.id and e.pgh_created_at <= at
     where here.id = node and portal.actor() is not null
     order by e.pgh_obj_id, e.pgh_created_at desc, e.pgh_id desc
  ), line as (select * from known where pgh_label <> 'delete')
  select (array_agg(l.organization_id order by depth desc))[1], (array_agg(l.go_live_on order by depth desc))[1],
         (array_agg(l.target_days order by depth desc))[1]::int, (array_agg(l.limit_days order by depth desc))[1]::int,
         coalesce((array_agg(l.before_days order by depth desc) filter (where l.before_days is not null))[1],
                  (select p.before_days from portal.contact_policy(null) p))::int,
         coalesce((array_agg(l.secretary_days order by depth desc) filter (where l.secretary_days is not null))[1],
                  (select p.secretary_days from portal.contact_policy(null) p))::int,
         coalesce((array_agg(l.community_days order by depth desc) filter (where l.community_days is not null))[1],
                  (select p.community_days from portal.contact_policy(null) p))::int,
         coalesce((array_agg(l.street_days order by depth desc) filter (where l.street_days is not null))[1],
                  (select p.street_days from portal.contact_policy(null) p))::int
    from line l
$$;
