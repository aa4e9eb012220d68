-- Who cannot be reached (联系不上处理), and the checks that follow from it.

-- How many attempts by how many ways over how many days make somebody a case for the secretary; after how many days
-- without any contact for the street, and for a check. The nearest organization that says so, else the portal's own.
create function portal.ladder_policy(node uuid,
  out attempts int, out methods int, out days int, out street_days int, out review_days int)
language sql stable as $$
  with line as (
    select p.*, public.nlevel(above.path) as depth
      from public.portal_organization here
      join public.portal_organization above on above.path operator(public.@>) here.path
      join public.contacts_contactpolicy p on p.organization_id = above.id
     where here.id = node
  )
  select coalesce((array_agg(l.ladder_attempts order by depth desc) filter (where l.ladder_attempts is not null))[1], 3)::int,
         coalesce((array_agg(l.ladder_methods order by depth desc) filter (where l.ladder_methods is not null))[1], 2)::int,
         coalesce((array_agg(l.ladder_days order by depth desc) filter (where l.ladder_days is not null))[1], 14)::int,
         coalesce((array_agg(l.ladder_street_days order by depth desc) filter (where l.ladder_street_days is not null))[1], 90)::int,
         coalesce((array_agg(l.ladder_review_days order by depth desc) filter (where l.ladder_review_days is not null))[1], 180)::int
    from line l
$$;

-- Everybody out of reach whose file one of these organizations manages: the attempts of that organization and what lies
-- below it since the last contact of any side (whose day both sides may know), and the stage. Worked out of the log at
-- every look, so a success takes somebody off the list in its own transaction. Asks no right: for functions that do.
create function portal.out_of_reach(nodes uuid[])
returns table (member_id uuid, organization_id uuid, attempts int, methods text[], first_on date, latest_on date,
               success_on date, stage text)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  with node as materialized (
    select o.id, o.path, rule.*
      from unnest(nodes) as reach (id)
      join public.portal_organization o on o.id = reach.id
     cross join lateral portal.ladder_policy(o.id) rule
  ), file as materialized (
    select m.id, node.id as node, node.path, node.attempts as least, node.methods as ways, node.days, node.street_days,
           node.review_days
      from node join public.members_member m on m.organization_id = node.id and m.same_as_id is null
       and m.state in ('pending', 'floating')
  ), met as materialized (
    select one.id, max(c.contacted_on) as latest
      from (select f.id, f.id as written from file f
            union all
            select f.id, linked.id from file f join public.members_member linked on linked.same_as_id = f.id) one
      join public.contacts_contactlog c on c.member_id = one.written and c.outcome = 'reached'
       and c.source <> 'exchange'  -- with the other organization, not with the member
       and not exists (select from public.contacts_contactlog later where later.amends_id = c.id)
     group by one.id
  ), tried as (
    select f.id, count(*)::int as attempts, array_agg(distinct c.method::text) as methods,
           min(c.contacted_on) as first_on, max(c.contacted_on) as latest_on, max(met.latest) as success_on
      from file f
      left join met on met.id = f.id
      join public.contacts_contactlog c on c.member_id = f.id and c.outcome in ('no_answer', 'dead_number')
       and c.source <> 'exchange'
       and not exists (select from public.contacts_contactlog later where later.amends_id = c.id)
       and (met.latest is null or c.contacted_on > met.latest)
      join public.portal_organization o on o.id = c.organization_id and o.path operator(public.<@) f.path
     group by f.id
  )
  select f.id, f.node, t.attempts, t.methods, t.first_on, t.latest_on, t.success_on,
         case when portal.today() - coalesce(t.success_on, t.first_on) >= f.review_days then 'review'
              when portal.today() - coalesce(t.success_on, t.first_on) >= f.street_days then 'street'
              else 'secretary' end
    from tried t join file f on f.id = t.id
   where t.attempts >= f.least and cardinality(t.methods) >= f.ways and t.latest_on - t.first_on >= f.days
$$;
revoke execute on function portal.out_of_reach(uuid[]) from {app};

-- Of the organizations on which the actor may see members; with `office`, of those at and below it.
create function portal.unreachable(office uuid default null)
returns table (member_id uuid, organization_id uuid, attempts int, methods text[], first_on date, latest_on date,
               success_on date, stage text)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select * from portal.out_of_reach(array(
    select o.id from unnest(portal.organization_ids('view_members')) as reach (id)
      join public.portal_organization o on o.id = reach.id
     where office is null
        or exists (select from public.portal_organization top
                    where top.id = office and o.path operator(public.<@) top.path)))
$$;

-- Checks are for the offices of the managing side alone: not for the other side, liaisons, links and visiting workers.
alter table contacts_lostcase enable row level security;
create policy see on contacts_lostcase for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[]));
create policy make on contacts_lostcase for insert with check (
  state = 'proposed'
  and organization_id = any ((select portal.organization_ids('view_members'))::uuid[])
  and (organization_id = any ((select portal.organization_ids('log_contacts'))::uuid[])
       or organization_id = any ((select portal.organization_ids('decide_lost'))::uuid[]))
  and exists (select 1 from members_member m
               where m.id = member_id and m.organization_id = contacts_lostcase.organization_id));
-- Whoever logs contacts keeps an open check; a decision, and what becomes of it, takes the right to decide.
create policy change on contacts_lostcase for update
  using (organization_id = any ((select portal.organization_ids('view_members'))::uuid[])
         and (organization_id = any ((select portal.organization_ids('decide_lost'))::uuid[])
              or (state = 'proposed'
                  and organization_id = any ((select portal.organization_ids('log_contacts'))::uuid[]))))
  with check (organization_id = any ((select portal.organization_ids('decide_lost'))::uuid[])
              or (state = 'proposed'
                  and organization_id = any ((select portal.organization_ids('log_contacts'))::uuid[])));
revoke delete on contacts_lostcase from {app};

alter table contacts_lostcaseevent enable row level security;
create policy see on contacts_lostcaseevent for select using (
  exists (select 1 from contacts_lostcase c where c.id = pgh_obj_id));
revoke insert, update, delete on contacts_lostcaseevent from {app};

-- An employer is asked only after whoever may decide has agreed.
create function portal.check_lost_approval() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  if not portal.may('decide_lost', new.organization_id) then
    raise exception 'lost_refused' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;
create trigger check_lost_approval before update on contacts_lostcase
  for each row when (new.employer_approved_on is distinct from old.employer_approved_on)
  execute function portal.check_lost_approval();

-- Reached again by any side: the check is over in the same transaction, a decision too.
create function portal.close_lost_cases() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.contacts_lostcase l set state = 'found', closed_on = portal.today()
    from changed_rows n join public.members_member m on m.id = n.member_id
   where n.outcome = 'reached' and n.source <> 'exchange' and l.closed_on is null and l.member_id = coalesce(m.same_as_id, m.id)
     -- what an old list says about the time before does not undo a decision
     and (n.contacted_on >= l.opened_on or (l.state = 'proposed' and n.source <> 'ledger'));
  return null;
end $$;
create trigger close_lost_cases after insert on contacts_contactlog referencing new table as changed_rows
  for each statement execute function portal.close_lost_cases();

-- An open check goes with its file.
create function portal.move_lost_cases() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.contacts_lostcase l set organization_id = n.organization_id
    from changed_rows n join former_rows f on f.id = n.id
   where n.organization_id <> f.organization_id and l.member_id = n.id and l.closed_on is null;
  return null;
end $$;
create trigger move_lost_cases after update on members_member
  referencing old table as former_rows new table as changed_rows
  for each statement execute function portal.move_lost_cases();
