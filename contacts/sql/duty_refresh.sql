-- An interval changed: few duties are brought into line at once, with it; for many a row says so, and the rounds of
-- reminders work it off in parts before they plan. The row outlives a lost broker and a dead worker.

-- So many members' duties are brought into line within the request: two seconds.
create function portal.most_at_once() returns int language sql immutable as $$ select 3000 $$;

alter table contacts_dutyrefresh enable row level security;
revoke all on contacts_dutyrefresh from {app};

-- Do duties of this organization or below it wait to be brought into line? Names no person: whoever acts may ask.
create function portal.duties_wait(node uuid) returns boolean
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select portal.actor() is not null and exists (
    select from public.contacts_dutyrefresh r join public.portal_organization changed on changed.id = r.organization_id
      join public.portal_organization here on here.id = node
     where here.path operator(public.<@) changed.path or changed.path operator(public.<@) here.path)
$$;

create or replace function portal.refresh_below_policy() returns trigger
language plpgsql security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan as $$
declare
  few uuid[];
begin
  few := array(
    select distinct o.member_id from changed_rows p join portal_organization top on top.id = p.organization_id
      join portal_organization node on node.path operator(public.<@) top.path
      join contacts_contactobligation o on o.organization_id = node.id and o.ended_on is null
     limit portal.most_at_once() + 1);
  if cardinality(few) <= portal.most_at_once() then
    perform portal.refresh_obligations(few);
    return null;
  end if;
  insert into contacts_dutyrefresh (organization_id, after, asked_at)
  select distinct p.organization_id, null::uuid, now() from changed_rows p
      on conflict (organization_id) do update set after = null, asked_at = excluded.asked_at;
  return null;
end $$;

-- Do the next part below a root; returns how many members are in line now, 0 when nothing waits.
create function portal.refresh_waiting(root uuid) returns bigint
language plpgsql security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan as $$
declare
  job contacts_dutyrefresh;
  part uuid[];
begin
  if not portal.may('send_reminders', root) then
    raise exception 'reminders_refused' using errcode = 'insufficient_privilege';
  end if;
  select r.* into job from contacts_dutyrefresh r
    join portal_organization node on node.id = r.organization_id
    join portal_organization top on top.id = root and node.path operator(public.<@) top.path
   order by r.asked_at, r.organization_id limit 1 for update of r skip locked;
  if not found then return 0; end if;
  part := array(
    select distinct o.member_id from portal_organization top
      join portal_organization node on node.path operator(public.<@) top.path
      join contacts_contactobligation o on o.organization_id = node.id and o.ended_on is null
     where top.id = job.organization_id and (job.after is null or o.member_id > job.after)
     order by o.member_id limit portal.most_at_once());
  perform portal.refresh_obligations(part);
  if cardinality(part) < portal.most_at_once() then
    delete from contacts_dutyrefresh where organization_id = job.organization_id;
  else
    update contacts_dutyrefresh set after = part[cardinality(part)] where organization_id = job.organization_id;
  end if;
  return greatest(cardinality(part), 1);
end $$;

-- Two organizations are merged: the kept one's interval changes for all of them.
create function portal.merge_rows_contacts_dutyrefresh(gone uuid, kept uuid) returns void
language sql set search_path = pg_catalog, public as $$
  insert into public.contacts_dutyrefresh (organization_id, after, asked_at)
  select kept, null, r.asked_at from public.contacts_dutyrefresh r where r.organization_id = gone
      on conflict (organization_id) do update set after = null;
  delete from public.contacts_dutyrefresh where organization_id = gone;
$$;
revoke execute on function portal.merge_rows_contacts_dutyrefresh(uuid, uuid) from {app};
