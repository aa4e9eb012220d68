-- History of shared records: read with the row it belongs to, written by triggers alone.

alter table portal_organizationevent enable row level security;
create policy see on portal_organizationevent for select using (
  pgh_obj_id = any ((select portal.organization_ids('grant_access'))::uuid[]));
revoke insert, update, delete on portal_organizationevent from {app};

alter table portal_organizationgrantevent enable row level security;
create policy see on portal_organizationgrantevent for select using (
  exists (select 1 from portal_organizationgrant g where g.id = pgh_obj_id));
revoke insert, update, delete on portal_organizationgrantevent from {app};

-- The app role may not lock a row that it may not write; two administrators of one role come one after the other here.
create function portal.lock_grant(held uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform 1 from public.portal_organizationgrant g
   where g.id = held and portal.may('grant_access', g.content_object_id) for update;
end $$;
