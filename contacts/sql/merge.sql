-- Two organizations are merged (portal/sql/merge.sql): one interval stays, and work links stay in force.

-- The kept organization's own interval counts; without one it takes over the other's.
create function portal.merge_rows_contacts_contactpolicy(gone uuid, kept uuid) returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  delete from contacts_contactpolicy old where old.organization_id = gone
     and exists (select 1 from contacts_contactpolicy mine where mine.organization_id = kept);
  update contacts_contactpolicy set organization_id = kept where organization_id = gone;
end $$;

revoke execute on function portal.merge_rows_contacts_contactpolicy(uuid, uuid) from {app};

-- A liaison whose organization was merged goes nowhere: the link moves along and stays open.
create or replace function portal.close_links_of_liaison() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if new.is_active and exists (select 1 from public.portal_organization o
                                where o.id = old.organization_id and o.merged_into_id = new.organization_id) then
    return null;
  end if;
  update public.portal_worklink set closed_at = now(), closed_reason = 'left'
   where subject_kind = 'liaison' and subject_id = new.id and closed_at is null;
  return null;
end $$;
