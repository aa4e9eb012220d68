-- Liaisons of a person: replaces the stubs of portal, which the app role may not call; the callers ask the right.

create or replace function portal.person_works_for(person uuid) returns setof uuid
language sql stable security definer set search_path = pg_catalog, public as $$
  select l.organization_id from contacts_liaison l
   where l.user_id = person and l.is_active
     and exists (select 1 from contacts_liaisonassignment a where a.liaison_id = l.id and a.ended_on is null)
$$;

-- Open assignments end today, so that the members show as without a liaison; answers how many.
create or replace function portal.person_left(person uuid) returns integer
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  gone uuid[];
  given_up integer;
begin
  select coalesce(array_agg(l.id), '{}') into gone from contacts_liaison l
   where l.user_id = person and l.organization_id = any (portal.organization_ids('grant_access'));
  update contacts_liaisonassignment set ended_on = portal.today()
   where liaison_id = any (gone) and ended_on is null;
  get diagnostics given_up = row_count;
  update contacts_liaison set is_active = false where id = any (gone) and is_active;
  return given_up;
end $$;
