-- A liaison acts by a login, with a role in force, or by a work link. The link must be of the liaison's own organization:
-- who may make links in one organization gives nobody the members of another's liaison.

create function portal.acting_liaison() returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select l.id from public.contacts_liaison l
   where l.user_id = (select portal.actor_user()) and l.is_active and (select portal.has_grant())
  union all
  select l.id from public.portal_worklink k
    join public.contacts_liaison l on l.id = k.subject_id and l.organization_id = k.organization_id and l.is_active
   where k.id = (select portal.actor_link()) and k.subject_kind = 'liaison'
   limit 1
$$;

-- The files that the acting liaison looks after: of a linked pair the own side's file, where the own side writes.
create function portal.assigned_file_ids() returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(array_agg(distinct a.member_id), '{}')
    from public.contacts_liaisonassignment a
   where a.liaison_id = (select portal.acting_liaison()) and a.ended_on is null
$$;

-- These, and the files that linked ones were folded into: their dates are for both sides.
create or replace function portal.assigned_member_ids() returns uuid[]
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select coalesce(array_agg(distinct file.id), '{}')
    from public.contacts_liaisonassignment a join public.members_member m on m.id = a.member_id
   cross join lateral (values (m.id), (m.same_as_id)) file (id)
   where a.liaison_id = (select portal.acting_liaison()) and a.ended_on is null and file.id is not null
$$;

drop policy see on contacts_contactlog;
create policy see on contacts_contactlog for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[])
  or (member_id = any ((select portal.assigned_file_ids())::uuid[])
      and exists (select 1 from members_member m
                   where m.id = member_id and m.organization_id = contacts_contactlog.organization_id)));
drop policy make on contacts_contactlog;
create policy make on contacts_contactlog for insert with check (
  exists (select 1 from members_member m where m.id = member_id
             and (contacts_contactlog.organization_id = any ((select portal.organization_ids('log_contacts'))::uuid[])
                  or (m.id = any ((select portal.assigned_file_ids())::uuid[])
                      and m.organization_id = contacts_contactlog.organization_id))));

drop policy see on contacts_liaison;
create policy see on contacts_liaison for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[])
  or user_id = (select portal.actor_user())
  or id = (select portal.acting_liaison()));

-- Who stops, or goes to another organization, has no link from that moment on.
create function portal.close_links_of_liaison() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.portal_worklink set closed_at = now(), closed_reason = 'left'
   where subject_kind = 'liaison' and subject_id = new.id and closed_at is null;
  return null;
end $$;

create trigger close_links after update of is_active, organization_id on contacts_liaison
  for each row when (not new.is_active or new.organization_id <> old.organization_id)
  execute function portal.close_links_of_liaison();
