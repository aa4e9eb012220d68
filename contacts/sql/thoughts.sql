-- Notes on thoughts: for whoever wrote them, the member's liaison on the managing side, and the right view_thoughts.

alter table contacts_thoughtnote enable row level security;
create policy see on contacts_thoughtnote for select using (
  organization_id = any ((select portal.organization_ids('view_thoughts'))::uuid[])
  or (recorded_by_id = (select portal.actor_user())
      and organization_id = any ((select portal.organization_ids('log_contacts'))::uuid[]))
  or (member_id = any ((select portal.assigned_file_ids())::uuid[])
      and exists (select 1 from members_member m
                   where m.id = member_id and m.organization_id = contacts_thoughtnote.organization_id)));
-- Beside a contact that one may have logged oneself, in nobody else's name.
create policy make on contacts_thoughtnote for insert with check (
  (recorded_by_id is null or recorded_by_id = (select portal.actor_user()))
  and exists (select 1 from contacts_contactlog c where c.id = contact_id
                 and c.member_id = contacts_thoughtnote.member_id
                 and c.organization_id = contacts_thoughtnote.organization_id)
  and exists (select 1 from members_member m where m.id = member_id
             and (contacts_thoughtnote.organization_id = any ((select portal.organization_ids('log_contacts'))::uuid[])
                  or (m.id = any ((select portal.assigned_file_ids())::uuid[])
                      and m.organization_id = contacts_thoughtnote.organization_id))));
revoke update, delete on contacts_thoughtnote from {app};

-- Work of the night: notes that were written down longer ago than the rules of their office keep them; the contact itself
-- stays. Returns how many are gone.
create function portal.forget_thoughts() returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare gone bigint;
begin
  with office as materialized (
    select n.organization_id as node, p.thought_days
      from (select distinct t.organization_id from contacts_thoughtnote t) n
     cross join lateral portal.contact_policy(n.organization_id) p
  )
  delete from contacts_thoughtnote t using office, contacts_contactlog c
   where office.node = t.organization_id and c.id = t.contact_id
     and c.recorded_at < now() - make_interval(days => office.thought_days);
  get diagnostics gone = row_count;
  return gone;
end $$;

-- A correction is a new record of the same member, side and organization that points to what a person logged before.
-- The unique key lets each record be corrected once: the next correction corrects the correction.
create function portal.check_amendment() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if not exists (select 1 from public.contacts_contactlog c
                  where c.id = new.amends_id and c.id <> new.id and c.member_id = new.member_id
                    and c.organization_id = new.organization_id and c.side = new.side
                    and c.source::text in ('logged', 'on_behalf')
                    -- later a due date could come back whose reminders were forgotten (portal.forget_messages)
                    and c.recorded_at > now() - interval '170 days') then
    raise exception 'amendment_refused' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger check_amendment before insert on contacts_contactlog
  for each row when (new.amends_id is not null) execute function portal.check_amendment();
