-- The members that the acting liaison looks after, by open assignment; nobody's without a role in force. Replaces the
-- stub of portal; replaced again by work_links.sql, which knows work links.

create or replace function portal.assigned_member_ids() returns uuid[]
language sql stable security definer set search_path = pg_catalog, public as $$
  select coalesce(array_agg(distinct a.member_id), '{}')
    from contacts_liaisonassignment a join contacts_liaison l on l.id = a.liaison_id and l.is_active
   where l.user_id = portal.actor_user() and a.ended_on is null and portal.has_grant()
$$;
