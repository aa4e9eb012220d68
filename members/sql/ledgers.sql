-- Uploaded ledgers that wait, and what offices answered about theirs.

alter table members_ledgersource enable row level security;
-- An import's own policy tells who sees it.
create policy see on members_ledgersource for select using (
  exists (select 1 from members_ledgerimport b where b.id = batch_id));
create policy make on members_ledgersource for insert with check (
  exists (select 1 from members_ledgerimport b where b.id = batch_id));
create policy forget on members_ledgersource for delete using (
  exists (select 1 from members_ledgerimport b where b.id = batch_id));
revoke update on members_ledgersource from {app};

alter table members_ledgeranswer enable row level security;
-- A community reads what its street (and whoever stands above) answered, to use it; it changes only its own.
create policy see on members_ledgeranswer for select using (
  organization_id = any ((select portal.organization_ids('import_ledger'))::uuid[])
  or organization_id in (
    select above.id from portal_organization top join portal_organization above on above.path @> top.path
     where top.id = any ((select portal.granted_nodes('import_ledger'))::uuid[])));
create policy make on members_ledgeranswer for insert with check (
  organization_id = any ((select portal.organization_ids('import_ledger'))::uuid[]));
create policy change on members_ledgeranswer for update using (
  organization_id = any ((select portal.organization_ids('import_ledger'))::uuid[]));
create policy forget on members_ledgeranswer for delete using (
  organization_id = any ((select portal.organization_ids('import_ledger'))::uuid[]));

-- Who asked for the work on an import that waits for a worker; null where none waits. A worker has only the import's id
-- and nobody's scope yet: it acts as this account, whose rights are examined again. Tells nothing but an account's id.
create function portal.import_requester(batch uuid) returns uuid
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select b.requested_by_id from public.members_ledgerimport b
   where b.id = batch and b.state in ('reading', 'applying')
$$;

-- The versions of all files, episodes and phones that a ledger's rows may mean, as one digest: whoever changes one of them
-- changes it. Files of organizations that the actor may import into; the right is asked once, where policies would ask for
-- each of ten thousand rows.
create function portal.ledger_basis(nodes uuid[], numbers bytea[], names text[]) returns text
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  with file as materialized (
    select m.id, m.xmin from public.members_member m
     where m.organization_id = any (nodes)
       and m.organization_id = any ((select portal.organization_ids('import_ledger'))::uuid[])
       and (m.id_number_digest = any (numbers) or m.name = any (names))
  ), version as (
    select 1 as kind, id, xmin from file
    union all
    select 2, v.id, v.xmin from public.members_movement v join file on file.id = v.member_id
    union all
    select 3, p.id, p.xmin from public.members_phone p join file on file.id = p.member_id
  )
  select encode(sha256(convert_to(coalesce(string_agg(kind || ' ' || id || ' ' || xmin, ',' order by kind, id), ''),
                                  'UTF8')), 'hex') from version
$$;

-- After a day: uploaded files go, and the rows of whatever nobody confirmed. Anybody may call it; it answers how many
-- imports were touched.
create function portal.forget_old_ledgers() returns bigint
language sql security definer set search_path = pg_catalog, public, pg_temp as $$
  with files as (
    delete from public.members_ledgersource where created_at < now() - interval '24 hours' returning 1
  ), rows as (
    update public.members_ledgerimport
       set state = 'discarded', report_sealed = null, report_digest = null, choices_sealed = null, choices_digest = null
     where state in ('previewed', 'reading', 'applying') and created_at < now() - interval '24 hours' returning 1
  )
  select (select count(*) from files) + (select count(*) from rows)
$$;

-- Two organizations are merged (portal/sql/merge.sql): the kept one's own answer counts.
create function portal.merge_rows_members_ledgeranswer(gone uuid, kept uuid) returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  delete from members_ledgeranswer old where old.organization_id = gone and exists (
    select 1 from members_ledgeranswer mine where mine.organization_id = kept and mine.kind = old.kind
       and mine.sheet = old.sheet and mine.subject = old.subject);
  update members_ledgeranswer set organization_id = kept where organization_id = gone;
end $$;
revoke execute on function portal.merge_rows_members_ledgeranswer(uuid, uuid) from {app};
