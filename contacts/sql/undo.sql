-- Undoing an imported ledger (members/sql/undo.sql): what contacts think of it.

-- Duties and what is to be sent have no constraints (functions write them out of the rows that they name):
-- portal.references_to is told in words.
comment on column contacts_contactobligation.member_id is 'references members_member';
comment on column contacts_contactobligation.organization_id is 'references portal_organization';
comment on column contacts_outboundmessage.organization_id is 'references portal_organization';

-- A contact of the ledger's own date goes with it; one that somebody logged holds the file.
create function portal.blocks_undo_contacts_contactlog(ids uuid[], batch uuid, at timestamptz) returns setof uuid
language sql stable set search_path = pg_catalog, public as $$
  select c.member_id from public.contacts_contactlog c
   where c.member_id = any (ids) and not (c.source = 'ledger' and c.recorded_at = at)
$$;

create function portal.undo_rows_contacts_contactlog(ids uuid[], at timestamptz) returns void
language sql set search_path = pg_catalog, public as $$
  delete from public.contacts_contactlog c
   where c.member_id = any (ids) and c.source = 'ledger' and c.recorded_at = at
$$;

-- What somebody decided about a duty holds the file.
create function portal.blocks_undo_contacts_dutydecision(ids uuid[], batch uuid, at timestamptz) returns setof uuid
language sql stable set search_path = pg_catalog, public as $$
  select d.member_id from public.contacts_dutydecision d where d.member_id = any (ids)
$$;

-- Duties follow from the file; a reminder that went out holds it.
create function portal.blocks_undo_contacts_contactobligation(ids uuid[], batch uuid, at timestamptz) returns setof uuid
language sql stable set search_path = pg_catalog, public as $$
  select o.member_id from public.contacts_contactobligation o
    join public.contacts_outboundmessage m on m.obligation_id = o.id
   where o.member_id = any (ids) and m.state not in ('pending', 'cancelled')
$$;

-- A round that is planning ends first: its rows name duties that it has not locked.
create function portal.drop_messages() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform pg_advisory_xact_lock(hashtext('reminders'), hashtext(root.id::text))
     from (select distinct top.id from gone_rows g join portal_organization node on node.id = g.organization_id
             join portal_organization top on top.path operator(public.@>) node.path and top.parent_id is null
            order by top.id) root;
  delete from public.contacts_outboundmessage m using gone_rows g where m.obligation_id = g.id;
  return null;
end $$;

create trigger drop_messages after delete on contacts_contactobligation referencing old table as gone_rows
  for each statement execute function portal.drop_messages();
create trigger refresh_deleted after delete on contacts_contactlog referencing old table as changed_rows
  for each statement execute function portal.refresh_contacted_members();
