-- What one side of a member learns of the other's contacts, and what happens to liaisons when a file changes hands.

-- That a contact happened or was tried, on which day, by which side: the agreed minimum. No text, no name, no phone.
-- Only of members that the actor sees by a right on a node, and only what the actor's own organizations did not write.
create function portal.other_side_contacts(members uuid[])
returns table (member_id uuid, side text, contacted_on date, is_reached boolean)
language sql stable security definer rows 20 set search_path = pg_catalog, public, pg_temp as $$
  select one.id, c.side::text, c.contacted_on, c.outcome = 'reached'
    from (select id, id as file from unnest(members) as asked (id)
          union all
          -- what the other side wrote on its own file before and after that was linked to this one
          select f.same_as_id, f.id from public.members_member f where f.same_as_id = any (members)) one
    join public.contacts_contactlog c on c.member_id = one.file
   where exists (select 1 from public.members_placement p
                  where p.member_id = one.id
                    and p.organization_id = any ((select portal.granted_nodes('view_members'))::uuid[]))
     and c.organization_id <> all ((select portal.organization_ids('view_members'))::uuid[])
     and not exists (select from public.contacts_contactlog later where later.amends_id = c.id)
   order by c.contacted_on desc, c.recorded_at desc
$$;

-- Another organization manages the file: whoever is not of its line looks after the member no longer, and the member
-- stands among those without a liaison. By trigger, so that no way of moving a file forgets it.
create function portal.release_liaisons() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.contacts_liaisonassignment a set ended_on = greatest(a.started_on, portal.today())
    from changed_rows n, former_rows f, public.contacts_liaison l, public.portal_organization own,
         public.portal_organization manager
   where f.id = n.id and f.organization_id <> n.organization_id and a.member_id = n.id and a.ended_on is null
     and l.id = a.liaison_id and own.id = l.organization_id and manager.id = n.organization_id
     and own.merged_into_id is distinct from manager.id
     and not (own.path operator(public.@>) manager.path or own.path operator(public.<@) manager.path);
  -- whoever has left for good, or has died, is nobody's to call
  update public.contacts_liaisonassignment a set ended_on = greatest(a.started_on, portal.today())
    from changed_rows n, former_rows f
   where f.id = n.id and f.state <> n.state and n.state in ('left', 'transferred', 'deceased', 'archived')
     and a.member_id = n.id and a.ended_on is null;
  return null;
end $$;
create trigger release_liaisons after update on members_member
  referencing old table as former_rows new table as changed_rows
  for each statement execute function portal.release_liaisons();
