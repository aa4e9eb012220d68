-- Whom a side must contact, and until when. Set-based and kept by statement-level triggers, so imports, bulk writes and
-- raw SQL are right too. Only these functions write obligations; none is callable by the app role.

-- An imported 最近联系时间 makes one contact of the managing side (go-live rule), once per member and date.
create function portal.log_ledger_contacts(ids uuid[]) returns void
language sql security definer set search_path = pg_catalog, public as $$
  insert into contacts_contactlog (id, member_id, organization_id, side, contacted_on, direction, method, outcome, source,
                                   recorded_by_id, recorded_at)
  select distinct on (m.id) gen_random_uuid(), m.id, m.organization_id,
         case v.direction when 'outflow' then 'home' else 'host' end,
         m.last_contact_on, 'to_member', 'other', 'reached', 'ledger', portal.actor_user(), now()
    from unnest(ids) as one (id) join members_member m on m.id = one.id
    join members_movement v on v.member_id = m.id and v.ended_on = ''
   where m.last_contact_on <= (now() at time zone 'Asia/Shanghai')::date
   order by m.id, v.direction desc
  on conflict do nothing
$$;

-- The duties of these members as they should be now: one per side that is an organization on the portal.
-- The managing organization answers for its own side; the other side counts when its organization is on the portal too.
create function portal.wanted_obligations(ids uuid[])
returns table (member_id uuid, side text, organization_id uuid, target_days int, limit_days int,
               last_success_on date, due_on date, limit_on date)
language sql stable security definer set search_path = pg_catalog, public as $$
  with side as (
    select distinct on (m.id, s.side) m.id as member_id, s.side, s.node, s.is_managing,
           (m.created_at at time zone 'Asia/Shanghai')::date as made_on
      from unnest(ids) as one (id)
      join members_member m on m.id = one.id and m.state in ('floating', 'pending') and m.same_as_id is null
      join members_movement v on v.member_id = m.id and v.ended_on = '',
           lateral (values
             (case v.direction when 'outflow' then 'home' else 'host' end, m.organization_id, true),
             (case v.direction when 'outflow' then 'host' else 'home' end,
              case v.direction when 'outflow' then v.host_organization_id else v.home_organization_id end, false)
           ) as s (side, node, is_managing)
     where s.node is not null and (s.is_managing or s.node <> m.organization_id)
     order by m.id, s.side, s.is_managing desc, s.node
  ), nearest as (  -- the nearest interval at or above each organization
    select distinct on (o.node) o.node, p.target_days, p.limit_days, p.go_live_on
      from (select distinct side.node from side) o
      join portal_organization here on here.id = o.node
      join portal_organization above on above.path operator(public.@>) here.path
      join contacts_contactpolicy p on p.organization_id = above.id
     order by o.node, public.nlevel(above.path) desc
  ), reached as (  -- only a success moves the clock; what the other side wrote on its own, linked file counts for it
    select one.member_id, one.side, max(one.contacted_on) as latest
      from (select c.member_id, c.side, c.contacted_on
              from unnest(ids) as one (id) join contacts_contactlog c on c.member_id = one.id
             where c.outcome = 'reached'
               and not exists (select from contacts_contactlog later where later.amends_id = c.id)
            union all
            select side.member_id, side.side, c.contacted_on
              from side join members_member f on f.same_as_id = side.member_id
              join contacts_contactlog c on c.member_id = f.id
             where not side.is_managing and c.outcome = 'reached'
               and not exists (select from contacts_contactlog later where later.amends_id = c.id)) one
     group by 1, 2
  ), known as (
    select side.member_id, side.side, side.node, side.made_on, reached.latest,
           coalesce(n.target_days, 90)::int as target, coalesce(n.limit_days, 120)::int as "limit",
           coalesce(n.go_live_on, side.made_on) as go_live
      from side left join nearest n on n.node = side.node
      left join reached on reached.member_id = side.member_id and reached.side = side.side
  ), dated as (
    -- nothing is due before go-live. Where nobody knows when the last contact was, the first due dates are spread over the
    -- target interval; where it was too long ago already, over the first month. Each member's day is always the same.
    select known.*,
           case when latest + target >= go_live then latest + target
                else case when latest is null then greatest(go_live, made_on) else go_live end
                     + ((hashtextextended(member_id::text, 0) & 2147483647)
                        % case when latest is null then target else least(target, 30) end)::int
           end as due
      from known
  )
  select member_id, side, node, target, "limit", latest, due, due + "limit" - target from dated
$$;

-- Bring the duties of these members into line; close the open reminders of those that moved, in this transaction.
-- Planned anew at every call: a plan made for ten members would take minutes for ten thousand.
create function portal.refresh_obligations(ids uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan as $$
declare
  tells_contacts boolean;
begin
  if coalesce(cardinality(ids), 0) = 0 then return; end if;
  -- two contacts logged at once must not overwrite each other's date with an older one
  select bool_or(one.last_contact_on is not null) into tells_contacts
    from (select m.last_contact_on from members_member m where m.id = any (ids) order by m.id for no key update) one;
  if tells_contacts then perform portal.log_ledger_contacts(ids); end if;
  -- New members, the usual case of an import: nothing to end, to hand on or to bring into line. The lock keeps it so.
  if not exists (select from contacts_contactobligation o where o.member_id = any (ids)) then
    insert into contacts_contactobligation (id, member_id, side, organization_id, target_days, limit_days,
                                            last_success_on, due_on, limit_on)
    select gen_random_uuid(), w.member_id, w.side, w.organization_id, w.target_days, w.limit_days,
           w.last_success_on, w.due_on, w.limit_on
      from portal.wanted_obligations(ids) w;
    return;
  end if;
  with wanted as materialized (
    select * from portal.wanted_obligations(ids)
  ), moved as (
    select o.id, case when w.member_id is null then 'ended'
                      when w.last_success_on is distinct from o.last_success_on then 'contacted'
                      else 'rescheduled' end as why
      from unnest(ids) as one (id) join contacts_contactobligation o on o.member_id = one.id and o.ended_on is null
      left join wanted w on w.member_id = o.member_id and w.side = o.side
     where w.member_id is null or w.due_on <> o.due_on
  ), closed as (
    update contacts_outboundmessage m set state = 'cancelled', reason = moved.why
      from moved where m.obligation_id = moved.id and m.state in ('pending', 'retry', 'sending')
  ), handed_on as (  -- the duty stays but another organization has it now: so do its reminders, for new recipients
    update contacts_outboundmessage m
       set organization_id = w.organization_id,
           digest_id = case when m.state in ('pending', 'retry') then null else m.digest_id end,
           state = case m.state when 'retry' then 'pending' else m.state end,
           liaison_id = case when m.state in ('pending', 'retry') then null else m.liaison_id end,
           recipient_id = case when m.state in ('pending', 'retry') then null else m.recipient_id end
      from contacts_contactobligation o join wanted w on w.member_id = o.member_id and w.side = o.side
     where m.obligation_id = o.id and m.organization_id <> w.organization_id
       and o.organization_id <> w.organization_id and o.due_on = w.due_on
  ), ended as (
    update contacts_contactobligation o set ended_on = (now() at time zone 'Asia/Shanghai')::date
      from unnest(ids) as one (id)
     where o.member_id = one.id and o.ended_on is null
       and not exists (select 1 from wanted w where w.member_id = o.member_id and w.side = o.side)
  )
  insert into contacts_contactobligation as o (id, member_id, side, organization_id, target_days, limit_days,
                                               last_success_on, due_on, limit_on)
  select gen_random_uuid(), w.member_id, w.side, w.organization_id, w.target_days, w.limit_days,
         w.last_success_on, w.due_on, w.limit_on
    from wanted w
  on conflict (member_id, side) do update
     set organization_id = excluded.organization_id, target_days = excluded.target_days,
         limit_days = excluded.limit_days, last_success_on = excluded.last_success_on, due_on = excluded.due_on,
         limit_on = excluded.limit_on, ended_on = null
   where (o.organization_id, o.target_days, o.limit_days, o.last_success_on, o.due_on, o.limit_on, o.ended_on)
         is distinct from
         (excluded.organization_id, excluded.target_days, excluded.limit_days, excluded.last_success_on, excluded.due_on,
          excluded.limit_on, null);
end $$;

-- A member without an open movement has no side yet: the usual case for a new file, left out at once.
create function portal.refresh_new_members() returns trigger
language plpgsql security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan as $$
begin
  perform portal.refresh_obligations(array(
    select n.id from changed_rows n where exists (select 1 from members_movement v where v.member_id = n.id)));
  return null;
end $$;

create function portal.refresh_changed_members() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform portal.refresh_obligations(array(
    select n.id from changed_rows n join former_rows f on f.id = n.id
     where (n.state, n.organization_id, n.last_contact_on, n.same_as_id)
           is distinct from (f.state, f.organization_id, f.last_contact_on, f.same_as_id)
    union
    select coalesce(n.same_as_id, f.same_as_id) from changed_rows n join former_rows f on f.id = n.id
     where n.same_as_id is distinct from f.same_as_id));
  return null;
end $$;

create function portal.refresh_moved_members() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform portal.refresh_obligations(array(select distinct member_id from changed_rows));
  return null;
end $$;

-- Contacts that the refresh itself makes out of a ledger need no second refresh.
create function portal.refresh_contacted_members() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform portal.refresh_obligations(array(
    select distinct coalesce(m.same_as_id, n.member_id) from changed_rows n join members_member m on m.id = n.member_id
     where n.source <> 'ledger' or pg_trigger_depth() = 1));
  return null;
end $$;

create function portal.refresh_below_policy() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform portal.refresh_obligations(array(
    select distinct o.member_id from changed_rows p join portal_organization top on top.id = p.organization_id
      join portal_organization node on node.path operator(public.<@) top.path
      join contacts_contactobligation o on o.organization_id = node.id and o.ended_on is null));
  return null;
end $$;

create function portal.refresh_after_tree_move() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform portal.refresh_obligations(array(
    select distinct o.member_id from portal_organization top
      join portal_organization node on node.path operator(public.<@) top.path
      join contacts_contactobligation o on o.organization_id = node.id and o.ended_on is null
     where top.id = new.id));
  return null;
end $$;

revoke execute on function portal.log_ledger_contacts(uuid[]), portal.wanted_obligations(uuid[]),
  portal.refresh_obligations(uuid[]) from {app};

create function portal.drop_obligations() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  delete from contacts_contactobligation o using gone_rows g where o.member_id = g.id;
  return null;
end $$;

create trigger drop_obligations after delete on members_member referencing old table as gone_rows
  for each statement execute function portal.drop_obligations();
create trigger refresh_inserted after insert on members_member referencing new table as changed_rows
  for each statement execute function portal.refresh_new_members();
create trigger refresh_updated after update on members_member
  referencing old table as former_rows new table as changed_rows
  for each statement execute function portal.refresh_changed_members();
create trigger refresh_inserted after insert on members_movement referencing new table as changed_rows
  for each statement execute function portal.refresh_moved_members();
create trigger refresh_updated after update on members_movement referencing new table as changed_rows
  for each statement execute function portal.refresh_moved_members();
create trigger refresh_deleted after delete on members_movement referencing old table as changed_rows
  for each statement execute function portal.refresh_moved_members();
create trigger refresh_inserted after insert on contacts_contactlog referencing new table as changed_rows
  for each statement execute function portal.refresh_contacted_members();
create trigger refresh_inserted after insert on contacts_contactpolicy referencing new table as changed_rows
  for each statement execute function portal.refresh_below_policy();
create trigger refresh_updated after update on contacts_contactpolicy referencing new table as changed_rows
  for each statement execute function portal.refresh_below_policy();
create trigger refresh_deleted after delete on contacts_contactpolicy referencing old table as changed_rows
  for each statement execute function portal.refresh_below_policy();
create trigger zzz_refresh_after_move after update of parent_id on portal_organization
  for each row when (old.parent_id is distinct from new.parent_id) execute function portal.refresh_after_tree_move();
