-- What a street prints for its points: versions of the letter, and its drawing. Nothing personal. A community reads what
-- its street (and whoever stands above) wrote, to print it; it writes only its own.

alter table checkin_letterversion enable row level security;
create policy see on checkin_letterversion for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[])
  or organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[])
  or organization_id in (
    select above.id from portal_organization top join portal_organization above on above.path @> top.path
     where top.id = any ((select portal.granted_nodes('view_members'))::uuid[])
        or top.id = any ((select portal.granted_nodes('run_checkin'))::uuid[])));
create policy make on checkin_letterversion for insert with check (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
-- a version is never changed: old print-outs name it
revoke update, delete on checkin_letterversion from {app};

alter table checkin_standarddrawing enable row level security;
create policy see on checkin_standarddrawing for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[])
  or organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[])
  or organization_id in (
    select above.id from portal_organization top join portal_organization above on above.path @> top.path
     where top.id = any ((select portal.granted_nodes('view_members'))::uuid[])
        or top.id = any ((select portal.granted_nodes('run_checkin'))::uuid[])));
create policy make on checkin_standarddrawing for insert with check (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
create policy change on checkin_standarddrawing for update using (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));
create policy remove on checkin_standarddrawing for delete using (
  organization_id = any ((select portal.organization_ids('run_checkin'))::uuid[]));

-- Two organizations are merged (portal/sql/merge.sql): versions stay where they were written, since print-outs name that
-- office, which stands below the kept one from then on; the kept office's own drawing counts.
create function portal.merge_rows_checkin_letterversion(gone uuid, kept uuid) returns void
language sql set search_path = pg_catalog as $$ $$;

create function portal.merge_rows_checkin_standarddrawing(gone uuid, kept uuid) returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  delete from checkin_standarddrawing old where old.organization_id = gone and exists (
    select 1 from checkin_standarddrawing mine where mine.organization_id = kept);
  update checkin_standarddrawing set organization_id = kept where organization_id = gone;
end $$;
revoke execute on function portal.merge_rows_checkin_letterversion(uuid, uuid),
  portal.merge_rows_checkin_standarddrawing(uuid, uuid) from {app};
