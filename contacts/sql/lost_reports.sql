-- What the sides of a member tell each other about a lost contact: read by both, by the right to see members there. Not by
-- liaisons, links and visiting workers, who hold no right on an organization.
alter table contacts_lostreport enable row level security;
create policy see on contacts_lostreport for select using (
  sender_id = any ((select portal.organization_ids('view_members'))::uuid[])
  or receiver_id = any ((select portal.organization_ids('view_members'))::uuid[]));
-- Told by the organization that manages the file, to a side of its movement; a decision by whoever may decide.
create policy make on contacts_lostreport for insert with check (
  sender_id = any ((select portal.organization_ids('view_members'))::uuid[])
  and (sender_id = any ((select portal.organization_ids('decide_lost'))::uuid[])
       or (kind = 'facts' and sender_id = any ((select portal.organization_ids('log_contacts'))::uuid[])))
  and exists (select 1 from members_member m
               where m.id = member_id and m.organization_id = contacts_lostreport.sender_id)
  and (receiver_id is null
       or exists (select 1 from members_movement v
                   where v.member_id = contacts_lostreport.member_id
                     and contacts_lostreport.receiver_id in (v.home_organization_id, v.host_organization_id))));
revoke update, delete on contacts_lostreport from {app};

-- A check that only a ledger's column opened goes with the ledger; one that somebody worked on, or that another opened,
-- holds the file (members/sql/undo.sql).
create function portal.blocks_undo_contacts_lostcase(ids uuid[], batch uuid, at timestamptz) returns setof uuid
language sql stable set search_path = pg_catalog, public as $$
  select c.member_id from public.contacts_lostcase c
   where c.member_id = any (ids)
     and (c.batch is distinct from blocks_undo_contacts_lostcase.batch or c.state <> 'proposed'
          or (select count(*) from public.contacts_lostcaseevent e where e.pgh_obj_id = c.id) > 1)
$$;
create function portal.drop_ledger_cases() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from public.contacts_lostcase c
   where c.batch = new.id and c.state = 'proposed'
     and (select count(*) from public.contacts_lostcaseevent e where e.pgh_obj_id = c.id) = 1;
  return null;
end $$;
create trigger drop_ledger_cases after update of state on members_ledgerimport
  for each row when (new.state = 'undone' and old.state <> 'undone') execute function portal.drop_ledger_cases();
