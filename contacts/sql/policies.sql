-- Wall two for contacts. Obligations are written by database functions alone.

alter table contacts_liaison enable row level security;
create policy see on contacts_liaison for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[])
  or user_id = (select portal.actor_user()));
create policy make on contacts_liaison for insert with check (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
create policy change on contacts_liaison for update using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
revoke delete on contacts_liaison from {app};

alter table contacts_liaisonassignment enable row level security;
create policy see on contacts_liaisonassignment for select using (
  exists (select 1 from members_member m where m.id = member_id));
create policy make on contacts_liaisonassignment for insert with check (
  exists (select 1 from contacts_liaison l where l.id = liaison_id)
  and exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[])));
create policy change on contacts_liaisonassignment for update using (
  exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[])))
  with check (
  exists (select 1 from contacts_liaison l where l.id = liaison_id)
  and exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[])));
revoke delete on contacts_liaisonassignment from {app};

alter table contacts_liaisonassignmentevent enable row level security;
create policy see on contacts_liaisonassignmentevent for select using (
  exists (select 1 from members_member m where m.id = member_id));
revoke insert, update, delete on contacts_liaisonassignmentevent from {app};

-- Intervals are inherited, so whoever acts may read them; they name no person.
alter table contacts_contactpolicy enable row level security;
create policy see on contacts_contactpolicy for select using ((select portal.actor()) is not null);
create policy make on contacts_contactpolicy for insert with check (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
create policy change on contacts_contactpolicy for update using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
create policy remove on contacts_contactpolicy for delete using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));

alter table contacts_contactobligation enable row level security;
create policy see on contacts_contactobligation for select using (
  exists (select 1 from members_member m where m.id = member_id));
revoke insert, update, delete on contacts_contactobligation from {app};

-- A pause, an exemption or an interval of one member's own side: why is that side's business alone. It ends, and is
-- never changed.
alter table contacts_dutydecision enable row level security;
create policy see on contacts_dutydecision for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[]));
-- A pause is for whoever logs contacts there, so for a branch's secretary too; more takes who assigns liaisons.
create policy make on contacts_dutydecision for insert with check (
  (organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[])
   or (kind = 'pause' and organization_id = any ((select portal.organization_ids('log_contacts'))::uuid[])))
  and exists (select 1 from members_member m
                join contacts_contactobligation o on o.member_id = coalesce(m.same_as_id, m.id)
               where m.id = contacts_dutydecision.member_id and o.side = contacts_dutydecision.side
                 and o.organization_id = contacts_dutydecision.organization_id and o.ended_on is null));
create policy finish on contacts_dutydecision for update using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[])
  or (kind = 'pause' and organization_id = any ((select portal.organization_ids('log_contacts'))::uuid[])));
revoke update, delete on contacts_dutydecision from {app};
grant update (ended_on, ended_by_id) on contacts_dutydecision to {app};

-- A contact belongs to the side that made it; the other side reads only the obligation's dates. A liaison stands on the
-- managing side: what the other side wrote about the same member is not the liaison's to read or to write.
alter table contacts_contactlog enable row level security;
create policy see on contacts_contactlog for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[])
  or (member_id = any ((select portal.assigned_member_ids())::uuid[])
      and exists (select 1 from members_member m
                   where m.id = member_id and m.organization_id = contacts_contactlog.organization_id)));
create policy make on contacts_contactlog for insert with check (
  exists (select 1 from members_member m where m.id = member_id
             and (contacts_contactlog.organization_id = any ((select portal.organization_ids('log_contacts'))::uuid[])
                  or (m.id = any ((select portal.assigned_member_ids())::uuid[])
                      and m.organization_id = contacts_contactlog.organization_id))));
revoke update, delete on contacts_contactlog from {app};

alter table contacts_outboundmessage enable row level security;
create policy see on contacts_outboundmessage for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[]));
create policy change on contacts_outboundmessage for update using (
  organization_id = any ((select portal.organization_ids('send_reminders'))::uuid[]));
revoke insert, delete on contacts_outboundmessage from {app};

-- Mails: machinery of the reminder rounds alone.
alter table contacts_digest enable row level security;
create policy see on contacts_digest for select using (
  organization_id = any ((select portal.organization_ids('send_reminders'))::uuid[]));
create policy change on contacts_digest for update using (
  organization_id = any ((select portal.organization_ids('send_reminders'))::uuid[]));
revoke insert, delete on contacts_digest from {app};
