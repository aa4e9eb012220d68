-- Two organizations are merged (portal/sql/merge.sql): people with a file in both, and placements.

create or replace function portal.files_in_both(gone uuid, kept uuid) returns bigint
language sql stable set search_path = pg_catalog, public as $$
  select count(*) from members_member a
    join members_member b on b.organization_id = kept and b.id_number_digest = a.id_number_digest
   where a.organization_id = gone
$$;

-- Derived rows: the triggers of members, movements and the tree write them.
create function portal.merge_rows_members_placement(gone uuid, kept uuid) returns void
language sql set search_path = pg_catalog as $$ $$;

revoke execute on function portal.merge_rows_members_placement(uuid, uuid) from {app};
