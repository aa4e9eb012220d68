-- Liaisons of a person: replaces the stubs of portal, which the app role may not call; the callers ask the right.

create or replace function portal.person_works_for(person uuid) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public as $$
  select l.organization_id from contacts_liaison l
   where l.user_id = person and l.is_active
     and exists (select 1 from contacts_liaisonassignment a where a.liaison_id = l.id and a.ended_on is null)
$$;

-- Of these members those without an open primary liaison get their deputy, if they have one who is active. Not by a
-- trigger on assignments: a hand-over ends one row before it makes the next.
create function portal.promote_deputies(members uuid[]) returns void
language sql security definer set search_path = pg_catalog, public as $$
  update contacts_liaisonassignment a set is_primary = true
    from (select distinct on (d.member_id) d.id
            from contacts_liaisonassignment d
            join contacts_liaison l on l.id = d.liaison_id and l.is_active and l.kind::text not in ('grid', 'building')
           where d.member_id = any (members) and d.ended_on is null and not d.is_primary
             and not exists (select from contacts_liaisonassignment p
                              where p.member_id = d.member_id and p.is_primary and p.ended_on is null)
           order by d.member_id, d.started_on, d.id) chosen
   where a.id = chosen.id
$$;
revoke execute on function portal.promote_deputies(uuid[]) from {app};

-- End what these people hold, the members locked first and in one order, as every hand-over does; deputies take over.
-- Answers how many members are left without a liaison by that.
create function portal.end_assignments(gone uuid[]) returns integer
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  held uuid[];
  looked_after uuid[];
begin
  select coalesce(array_agg(a.member_id), '{}'), coalesce(array_agg(a.member_id) filter (where a.is_primary), '{}')
    into held, looked_after
    from contacts_liaisonassignment a where a.liaison_id = any (gone) and a.ended_on is null;
  perform 1 from members_member m where m.id = any (held) order by m.id for no key update;
  update contacts_liaisonassignment set ended_on = greatest(started_on, portal.today())
   where liaison_id = any (gone) and ended_on is null;
  perform portal.promote_deputies(looked_after);
  return (select count(*) from unnest(looked_after) as one (id)
           where not exists (select from contacts_liaisonassignment p
                              where p.member_id = one.id and p.is_primary and p.ended_on is null));
end $$;
revoke execute on function portal.end_assignments(uuid[]) from {app};

-- Open assignments end today: deputies take over, the others show as without a liaison; answers how many those are.
create or replace function portal.person_left(person uuid) returns integer
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  gone uuid[];
  given_up integer;
begin
  select coalesce(array_agg(l.id), '{}') into gone from contacts_liaison l
   where l.user_id = person and l.organization_id = any (portal.organization_ids('grant_access'));
  given_up := portal.end_assignments(gone);
  update contacts_liaison set is_active = false where id = any (gone) and is_active;
  return given_up;
end $$;
