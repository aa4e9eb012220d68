-- Exports that take two persons. The file is made under the rights of who asks, sealed by the portal, kept here until it
-- is fetched once, and read by nobody else: the app role holds nothing on its table. Every step asks the resolver again.

alter table members_ledgerexport enable row level security;
create policy see on members_ledgerexport for select using (
  organizations <@ (select portal.organization_ids('export_ledger'))::uuid[]);
revoke insert, update, delete on members_ledgerexport from {app};

alter table members_exportfile enable row level security;  -- and no policy: closed to all
revoke insert, update, delete on members_exportfile from {app};

-- May the actor take these organizations' ledgers out, with full numbers or without?
create function portal.may_export(organizations uuid[], with_numbers boolean) returns boolean
language sql stable set search_path = pg_catalog, public as $$
  select cardinality(organizations) > 0 and organizations <@ portal.organization_ids('export_ledger')
     and (not with_numbers or organizations <@ portal.organization_ids('reveal_identity'))
$$;

create function portal.note_export(what text, e public.members_ledgerexport) returns void
language sql set search_path = pg_catalog, public as $$
  insert into public.portal_auditentry (id, at, actor, action, organization_id, object_type, object_id, detail)
  values (gen_random_uuid(), now(), coalesce(portal.actor(), ''), what, e.organization_id, 'ledger_export', e.id,
          jsonb_build_object('count', e.count, 'unmasked', e.unmasked, 'reason', e.reason, 'text', e.text,
                             'fields', to_jsonb(e.fields), 'format', e.kind))
$$;

-- A file is gone as soon as it can no longer be fetched.
create function portal.forget_exports() returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  update public.members_ledgerexport e set state = 'expired'
   where e.state in ('waiting', 'approved') and e.expires_at <= now();
  delete from public.members_exportfile f using public.members_ledgerexport e
   where e.id = f.export_id and e.state not in ('waiting', 'approved');
end $$;

-- The first of two persons. `asked` is made with the form, so that a form sent twice asks once. `facts`: organization,
-- organizations, count, unmasked, kind, layout, fields, reason, text, hours (how long it waits, a week at most).
create function portal.request_export(asked uuid, facts jsonb, people uuid[], key bytea, sealed bytea) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  e public.members_ledgerexport;
  nodes uuid[] := array(select jsonb_array_elements_text(facts -> 'organizations')::uuid);
begin
  if portal.actor_user() is null or not portal.may_export(nodes, (facts ->> 'unmasked')::boolean)
     or not portal.may('export_ledger', (facts ->> 'organization')::uuid)
     or ((facts ->> 'unmasked')::boolean and facts ->> 'reason' = '') then
    raise exception 'export_refused' using errcode = 'insufficient_privilege';
  end if;
  if exists (select 1 from public.members_ledgerexport x where x.id = asked and x.asked_by_id = portal.actor_user()) then
    return;
  end if;
  perform portal.forget_exports();
  insert into public.members_ledgerexport
         (id, organization_id, organizations, count, unmasked, kind, layout, fields, reason, text, asked_by_id, asked_at,
          expires_at, state, answer)
  values (asked, (facts ->> 'organization')::uuid, nodes, (facts ->> 'count')::int, (facts ->> 'unmasked')::boolean,
          facts ->> 'kind', facts ->> 'layout', array(select jsonb_array_elements_text(facts -> 'fields')),
          facts ->> 'reason', facts ->> 'text', portal.actor_user(), now(),
          now() + least(make_interval(hours => (facts ->> 'hours')::int), interval '7 days'), 'waiting', '')
  returning * into e;
  insert into public.members_exportfile (export_id, data_key, members, content_sealed)
  values (asked, key, people, sealed);
  perform portal.note_export('request_export', e);
end $$;

-- The second person: not who asked, and entitled to make the same export at the moment of deciding. From then on it can
-- be fetched for so many hours.
create function portal.decide_export(asked uuid, approve boolean, said text, hours int) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
declare e public.members_ledgerexport;
begin
  select * into e from public.members_ledgerexport x where x.id = asked for update;
  if e.id is null or portal.actor_user() is null or portal.actor_user() = e.asked_by_id
     or not portal.may_export(e.organizations, e.unmasked) or e.state <> 'waiting' or e.expires_at <= now() then
    raise exception 'export_refused' using errcode = 'insufficient_privilege';
  end if;
  update public.members_ledgerexport x
     set state = case when approve then 'approved' else 'refused' end, decided_by_id = portal.actor_user(),
         decided_at = now(), answer = left(coalesce(said, ''), 200),
         expires_at = now() + least(make_interval(hours => hours), interval '7 days')
   where x.id = asked;
  perform portal.forget_exports();
  perform portal.note_export(case when approve then 'approve_export' else 'refuse_export' end, e);
end $$;

-- Once, by who asked, who may still take out every file that is in it: rights, and whose the files are, may have changed.
create function portal.fetch_export(asked uuid) returns table (data_key bytea, sealed bytea)
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  e public.members_ledgerexport;
  f public.members_exportfile;
  nodes uuid[] := portal.organization_ids('export_ledger');
begin
  select * into e from public.members_ledgerexport x where x.id = asked for update;
  select * into f from public.members_exportfile x where x.export_id = asked;
  if e.id is null or f.export_id is null or e.asked_by_id is distinct from portal.actor_user() or e.state <> 'approved'
     or e.expires_at <= now() or not portal.may_export(e.organizations, e.unmasked) then
    raise exception 'export_refused' using errcode = 'insufficient_privilege';
  end if;
  if e.unmasked then
    nodes := array(select unnest(nodes) intersect select unnest(portal.organization_ids('reveal_identity')));
  end if;
  if exists (select 1 from unnest(f.members) wanted(id)
              where not exists (select 1 from public.members_member m where m.id = wanted.id and m.same_as_id is null
                                   and m.organization_id = any (nodes))) then
    raise exception 'export_outdated' using errcode = 'check_violation';
  end if;
  update public.members_ledgerexport x set state = 'fetched' where x.id = asked;
  delete from public.members_exportfile x where x.export_id = asked;
  perform portal.note_export('fetch_export', e);
  return query select f.data_key, f.content_sealed;
end $$;

-- Who asked thinks better of it.
create function portal.withdraw_export(asked uuid) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  update public.members_ledgerexport x set state = 'withdrawn'
   where x.id = asked and x.asked_by_id = portal.actor_user() and x.state in ('waiting', 'approved');
  if not found then
    raise exception 'export_refused' using errcode = 'insufficient_privilege';
  end if;
  perform portal.forget_exports();
end $$;

-- Whoever loses a role loses at once what waits to be fetched. It can be asked for anew with what is left.
create function portal.drop_exports() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  update public.members_ledgerexport e set state = 'expired'
   where e.asked_by_id = (case when tg_table_name = 'portal_user' then to_jsonb(old) ->> 'id'
                               else to_jsonb(old) ->> 'user_id' end)::uuid
     and e.state in ('waiting', 'approved');
  delete from public.members_exportfile f using public.members_ledgerexport e
   where e.id = f.export_id and e.state = 'expired';
  return null;
end $$;
create trigger drop_exports_of_ended_grant after update on portal_organizationgrant for each row
  when (new.until < (now() at time zone 'Asia/Shanghai')::date or new.content_object_id <> old.content_object_id
        or new.permission_id <> old.permission_id)
  execute function portal.drop_exports();
create trigger drop_exports_of_deleted_grant after delete on portal_organizationgrant for each row
  execute function portal.drop_exports();
create trigger drop_exports_of_closed_account after update of is_active on portal_user for each row
  when (not new.is_active) execute function portal.drop_exports();

-- Asked by the functions above, not by the app role.
revoke execute on function portal.note_export(text, public.members_ledgerexport) from {app};
