-- Whom a side must contact, and until when. Set-based and kept by statement-level triggers, so imports, bulk writes and
-- raw SQL are right too. Only these functions write obligations; none is callable by the app role.

-- An imported 最近联系时间 makes one contact of the managing side (go-live rule), once per member and date.
create function portal.log_ledger_contacts(ids uuid[]) returns void
language sql security definer set search_path = pg_catalog, public as $$
  insert into contacts_contactlog (id, member_id, organization_id, side, contacted_on, direction, method, outcome, source,
                                   recorded_by_id, recorded_at)
  select distinct on (m.id) gen_random_uuid(), m.id, m.organization_id,
         case v.direction when 'inflow' then 'host' else 'home' end,
         m.last_contact_on, 'to_member', 'other', 'reached', 'ledger', portal.actor_user(), now()
    from unnest(ids) as one (id) join members_member m on m.id = one.id
    left join members_movement v on v.member_id = m.id and v.ended_on = ''
   where m.last_contact_on <= (now() at time zone 'Asia/Shanghai')::date
   order by m.id, v.direction desc
  on conflict do nothing
$$;

-- Which interval of portal.contact_policy is one side's. The first three calendar months at the host are judged on the day from which the interval counts,
-- so that no night has to look for those that end. An unknown start is long ago; of a month its last day counts.
create function portal.interval_kind(side text, scope text, reason text, started_on text, counts_from date) returns text
language sql stable as $$
  select case when side = 'member' then 'member'
              when side = 'host' then case
                when length(started_on) >= 7 and counts_from < (case when length(started_on) = 10 then started_on::date
                       else (started_on || '-01')::date + interval '1 month' - interval '1 day' end
                       + interval '3 months')::date then 'first' else 'incoming' end
              when scope = '境外' and reason = '学习' then 'study'
              when scope = '跨省' then 'other' else 'any' end
$$;

-- The duties of these members as they should be now: of both sides of an open movement, and of the member. Without an open
-- movement the managing organization has the home side's. A side that is no organization on the portal stands as outside,
-- with the managing one as the owner of the row. The member's own side reports in by itself.
-- What belongs to a member is looked up member by member (`offset 0`): joined, thousands of members would read all files.
create function portal.wanted_obligations(ids uuid[])
returns table (member_id uuid, side text, organization_id uuid, standing text, target_days int, limit_days int,
               last_success_on date, due_on date, limit_on date, paused_until date)
language sql stable security definer set search_path = pg_catalog, public as $$
  with side as (
    select distinct on (m.id, s.side) m.id as member_id, s.side, coalesce(s.node, m.organization_id) as node,
           s.node is null as is_outside, s.is_managing, v.scope, v.reason, coalesce(v.started_on, '') as started_on,
           (m.created_at at time zone 'Asia/Shanghai')::date as made_on
      from unnest(ids) as one (id)
     cross join lateral (select f.id, f.organization_id, f.created_at from members_member f
                          where f.id = one.id and f.state in ('floating', 'pending') and f.same_as_id is null offset 0) m
      left join lateral (select * from members_movement e where e.member_id = one.id and e.ended_on = '' offset 0) v on true,
           lateral (values
             (case v.direction when 'inflow' then 'host' else 'home' end, m.organization_id, true),
             (case v.direction when 'outflow' then 'host' when 'inflow' then 'home' end,
              case v.direction when 'outflow' then v.host_organization_id else v.home_organization_id end, false),
             ('member', m.organization_id, true)
           ) as s (side, node, is_managing)
     where s.side is not null and (s.is_managing or s.node is distinct from m.organization_id)
     order by m.id, s.side, s.is_managing desc, s.node
  ), node as (
    select distinct side.node from side
  ), rule as (  -- what holds at each organization
    select o.node, p.* from node o, lateral portal.contact_policy(o.node) p
  ), reached as (  -- only a success moves the clock; what the other side wrote on its own, linked file counts for it
    select one.member_id, s.side, max(one.contacted_on) as latest
      from (select c.member_id, c.side, c.contacted_on, c.direction
              from unnest(ids) as one (id)
             cross join lateral (select * from contacts_contactlog l where l.member_id = one.id offset 0) c
             where c.outcome = 'reached'
               and not exists (select from contacts_contactlog later where later.amends_id = c.id)
            union all
            select side.member_id, side.side, c.contacted_on, c.direction
              from side
             cross join lateral (select l.* from members_member f join contacts_contactlog l on l.member_id = f.id
                                  where f.same_as_id = side.member_id offset 0) c
             where not side.is_managing and not side.is_outside and c.outcome = 'reached'
               and not exists (select from contacts_contactlog later where later.amends_id = c.id)) one,
           lateral (values (one.side), (case when one.direction = 'from_member' then 'member' end)) as s (side)
     where s.side is not null
     group by 1, 2
  ), decided as (  -- what an organization decided for one member's side, in this file or in its own one linked to it
    select d.member_id, d.side, bool_or(d.kind = 'exempt') as is_exempt, max(d.until_on) as paused_until,
           max(d.target_days) as target_days, max(d.limit_days) as limit_days
      from (select w.member_id, w.side, w.kind, w.until_on, w.target_days, w.limit_days
              from unnest(ids) as one (id)
             cross join lateral (select * from contacts_dutydecision y
                                  where y.member_id = one.id and y.ended_on is null offset 0) w
            union all
            select side.member_id, side.side, w.kind, w.until_on, w.target_days, w.limit_days
              from side join members_member f on f.same_as_id = side.member_id
              join contacts_dutydecision w on w.member_id = f.id and w.side = side.side and w.ended_on is null
                                          and w.organization_id = side.node) d
     group by 1, 2
  ), begun as (
    select side.*, reached.latest, d.is_exempt, d.paused_until, d.target_days as own_target, d.limit_days as own_limit,
           coalesce(r.go_live_on, side.made_on) as go_live,
           portal.interval_kind(side.side, side.scope, side.reason, side.started_on, coalesce(
             reached.latest, greatest(r.go_live_on, side.made_on))) as kind
      from side join rule r on r.node = side.node
      left join reached on reached.member_id = side.member_id and reached.side = side.side
      left join decided d on d.member_id = side.member_id and d.side = side.side
  ), known as (
    select b.*, coalesce(b.own_target, case b.kind when 'any' then r.target_days when 'other' then r.other_target
                 when 'study' then r.study_target when 'incoming' then r.incoming_target when 'first' then r.first_target
                 else r.member_target end)::int as target,
           coalesce(b.own_limit, case b.kind when 'any' then r.limit_days when 'other' then r.other_limit
                 when 'study' then r.study_limit when 'incoming' then r.incoming_limit when 'first' then r.first_limit
                 else r.member_limit end)::int as "limit"
      from begun b join rule r on r.node = b.node
  ), dated as (
    -- nothing is due before go-live. Where nobody knows when the last contact was, the first due dates are spread over the
    -- target interval; where it was too long ago already, over the first month. Each member's day is always the same.
    select known.*,
           case when is_outside then 'outside' when is_exempt then 'exempt' else 'active' end as standing,
           case when is_outside or is_exempt then null
                when latest + target >= go_live then latest + target
                else case when latest is null then greatest(go_live, made_on) else go_live end
                     + ((hashtextextended(member_id::text, 0) & 2147483647)
                        % case when latest is null then target else least(target, 30) end)::int
           end as due
      from known
  )
  select member_id, side, node, standing, target, "limit", latest, due, due + "limit" - target,
         case when not is_outside then paused_until end
    from dated
$$;

-- The id of one duty: the member's, with the side in place of its version, so that neighbours stay neighbours.
create function portal.obligation_id(member uuid, side text) returns uuid
language sql immutable parallel safe as $$
  select overlay(member::text placing case side when 'home' then 'a' when 'host' then 'b' else 'c' end from 15 for 1)::uuid
$$;

-- Bring the duties of these members into line; close the open reminders of those that moved, in this transaction.
-- `notes_ledger`: what the ledger says about the last contact is noted too; not where something was taken away.
-- Planned anew at every call: a plan made for ten members would take minutes for ten thousand.
create function portal.refresh_obligations(ids uuid[], notes_ledger boolean default true) returns void
language plpgsql security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan as $$
declare
  tells_contacts boolean;
  today date := (now() at time zone 'Asia/Shanghai')::date;
begin
  if coalesce(cardinality(ids), 0) = 0 then return; end if;
  -- two contacts logged at once must not overwrite each other's date with an older one
  select bool_or(one.last_contact_on is not null) into tells_contacts
    from (select m.last_contact_on from members_member m where m.id = any (ids) order by m.id for no key update) one;
  if tells_contacts and notes_ledger then perform portal.log_ledger_contacts(ids); end if;
  -- New members, the usual case of an import: nothing to end, to hand on or to bring into line. The lock keeps it so.
  if not exists (select from contacts_contactobligation o where o.member_id = any (ids)) then
    insert into contacts_contactobligation (id, member_id, side, organization_id, standing, target_days, limit_days,
                                            last_success_on, due_on, limit_on, paused_until)
    select portal.obligation_id(w.member_id, w.side), w.member_id, w.side, w.organization_id, w.standing, w.target_days, w.limit_days,
           w.last_success_on, w.due_on, w.limit_on, w.paused_until
      from portal.wanted_obligations(ids) w;
    return;
  end if;
  with wanted as materialized (
    select * from portal.wanted_obligations(ids)
  ), moved as (
    select o.id, case when w.due_on is null then 'ended'
                      when w.paused_until >= today then 'paused'
                      when w.last_success_on is distinct from o.last_success_on then 'contacted'
                      else 'rescheduled' end as why
      from unnest(ids) as one (id) join contacts_contactobligation o on o.member_id = one.id and o.ended_on is null
      left join wanted w on w.member_id = o.member_id and w.side = o.side
     where w.due_on is distinct from o.due_on or w.paused_until >= today
  ), closed as (
    update contacts_outboundmessage m set state = 'cancelled', reason = moved.why
      from moved where m.obligation_id = moved.id and m.state in ('pending', 'retry', 'sending') and m.step <> 'date'
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
  ), decided_on as (  -- and what was decided about it
    update contacts_dutydecision d set organization_id = w.organization_id
      from wanted w
     where d.member_id = w.member_id and d.side = w.side and d.ended_on is null and w.standing <> 'outside'
       and d.organization_id <> w.organization_id
  ), ended as (
    update contacts_contactobligation o set ended_on = today
      from unnest(ids) as one (id)
     where o.member_id = one.id and o.ended_on is null
       and not exists (select 1 from wanted w where w.member_id = o.member_id and w.side = o.side)
  )
  insert into contacts_contactobligation as o (id, member_id, side, organization_id, standing, target_days, limit_days,
                                               last_success_on, due_on, limit_on, paused_until)
  select portal.obligation_id(w.member_id, w.side), w.member_id, w.side, w.organization_id, w.standing, w.target_days, w.limit_days,
         w.last_success_on, w.due_on, w.limit_on, w.paused_until
    from wanted w
  on conflict (member_id, side) do update
     set organization_id = excluded.organization_id, standing = excluded.standing, target_days = excluded.target_days,
         limit_days = excluded.limit_days, last_success_on = excluded.last_success_on, due_on = excluded.due_on,
         limit_on = excluded.limit_on, paused_until = excluded.paused_until, ended_on = null
   where (o.organization_id, o.standing, o.target_days, o.limit_days, o.last_success_on, o.due_on, o.limit_on,
          o.paused_until, o.ended_on)
         is distinct from
         (excluded.organization_id, excluded.standing, excluded.target_days, excluded.limit_days,
          excluded.last_success_on, excluded.due_on, excluded.limit_on, excluded.paused_until, null);
end $$;

-- The movement of a new file mostly comes with the next statement: whoever has none at the end of the transaction gets
-- the duty of a member without one. So one row waits for the commit, whatever the number of files.
create table contacts_newfiles (id bigint generated always as identity primary key, members uuid[] not null);
alter table contacts_newfiles enable row level security;
revoke all on contacts_newfiles from {app};

create function portal.refresh_new_members() returns trigger
language plpgsql security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan as $$
declare
  moved uuid[];
  waiting uuid[];
begin
  select array_agg(n.id) filter (where v.has), array_agg(n.id) filter (where not v.has)
    into moved, waiting
    from changed_rows n
   cross join lateral (select exists (select 1 from members_movement v where v.member_id = n.id) as has) v
   where n.state in ('floating', 'pending') and n.same_as_id is null;
  perform portal.refresh_obligations(moved);
  if waiting is not null then insert into contacts_newfiles (members) values (waiting); end if;
  return null;
end $$;

create function portal.account_for_new_members() returns trigger
language plpgsql security definer set search_path = pg_catalog, public set plan_cache_mode = force_custom_plan as $$
declare
  files uuid[] := new.members;
  missing uuid[];
begin
  -- one pass: joined, it would be planned for ten files and ask ten thousand times
  select array_agg(one.id) into missing
    from (select unnest(files) as id
          except
          select o.member_id from contacts_contactobligation o where o.member_id = any (files)) one;
  if missing is not null then
    perform portal.refresh_obligations(missing);
  end if;
  delete from contacts_newfiles where id = new.id;
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
  perform portal.refresh_obligations(array(select distinct member_id from changed_rows), tg_op <> 'DELETE');
  return null;
end $$;

-- Contacts that the refresh itself makes out of a ledger need no second refresh.
create function portal.refresh_contacted_members() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform portal.refresh_obligations(array(
    select distinct coalesce(m.same_as_id, n.member_id) from changed_rows n join members_member m on m.id = n.member_id
     where n.source <> 'ledger' or pg_trigger_depth() = 1), tg_op <> 'DELETE');
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

create function portal.refresh_decided_member() returns trigger
language plpgsql security definer set search_path = pg_catalog, public as $$
begin
  perform portal.refresh_obligations(array(
    select coalesce(m.same_as_id, m.id) from members_member m where m.id = new.member_id));
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
  portal.refresh_obligations(uuid[], boolean) from {app};

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
create constraint trigger account_for_new_members after insert on contacts_newfiles
  deferrable initially deferred for each row execute function portal.account_for_new_members();
create trigger refresh_inserted after insert on contacts_dutydecision
  for each row execute function portal.refresh_decided_member();
create trigger refresh_ended after update of ended_on on contacts_dutydecision
  for each row when (old.ended_on is distinct from new.ended_on) execute function portal.refresh_decided_member();
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
