-- Two organizations are merged (portal/sql/merge.sql): people with a file in both, and placements.

create or replace function portal.files_in_both(gone uuid, kept uuid) returns bigint
language sql stable set search_path = pg_catalog, public as $$
  select count(*) from members_member a
    join members_member b on b.organization_id = kept and b.id_number_digest = a.id_number_digest
   where a.organization_id = gone
$$;
