-- Numbers of contact work by office (联系服务统计): for the organizations right below a node, and for what the node manages
-- itself. One row for each person that a number counts, so that a number and the list behind it come from one statement.
-- Plain: whoever asks it directly finds what this person may see; portal.contact_report asks it as the owner, for counts.
-- A day belongs to a period from `from_on` on, before `until_on`.

create function portal.contact_figures(node uuid, from_on date, until_on date)
returns table (organization_id uuid, figure text, side text, member_id uuid, on_day date, liaison_id uuid)
language sql stable set search_path = pg_catalog, public, pg_temp as $$
  with part as materialized (
    select c.id as part, o.id as node
      from public.portal_organization c
      join public.portal_organization o on o.path operator(public.<@) c.path
     where c.parent_id = contact_figures.node
    union all
    select contact_figures.node, contact_figures.node
  ), eligible as materialized (
    select p.part, m.id as member_id, a.liaison_id
      from part p
      join public.members_member m on m.organization_id = p.node and m.same_as_id is null
       and m.state in ('pending', 'floating')
      left join public.contacts_liaisonassignment a on a.member_id = m.id and a.is_primary and a.ended_on is null
  ), duty as materialized (  -- the liaison is the managing side's
    select p.part, o.member_id, o.side::text as side, o.limit_days, o.limit_on, o.paused_until, a.liaison_id
      from part p
      join public.contacts_contactobligation o on o.organization_id = p.node and o.ended_on is null
       and o.side in ('home', 'host') and o.standing = 'active'
      left join public.members_member m on m.id = o.member_id and m.organization_id = o.organization_id
      left join public.contacts_liaisonassignment a on a.member_id = m.id and a.is_primary and a.ended_on is null
  ), success as materialized (  -- by these organizations; what a side wrote on its own, linked file counts for the kept one
    select p.part, coalesce(m.same_as_id, c.member_id) as member_id, c.side::text as side, c.contacted_on, c.direction,
           c.contacted_on - lag(c.contacted_on) over (
             partition by p.part, coalesce(m.same_as_id, c.member_id), c.side order by c.contacted_on) as days_after
      from part p
      join public.contacts_contactlog c on c.organization_id = p.node and c.outcome = 'reached'
       and c.source <> 'exchange' and c.contacted_on < contact_figures.until_on
       and not exists (select from public.contacts_contactlog later where later.amends_id = c.id)
      left join public.members_member m on m.id = c.member_id
  ), met as materialized (
    select d.part, d.member_id, d.side, max(s.contacted_on) as latest,
           bool_and(s.days_after is null or s.days_after <= d.limit_days) as is_on_time
      from duty d
      join success s on s.part = d.part and s.member_id = d.member_id and s.side = d.side
       and s.contacted_on >= contact_figures.from_on
     group by 1, 2, 3
  )
  select part, 'eligible', '', member_id, null::date, liaison_id from eligible
  union all
  select part, 'with_liaison', '', member_id, null, liaison_id from eligible where liaison_id is not null
  union all  -- nobody may be forgotten: whoever is to be looked after has a duty
  select e.part, 'unaccounted', '', e.member_id, null, e.liaison_id from eligible e
   where not exists (select from public.contacts_contactobligation o
                      where o.member_id = e.member_id and o.ended_on is null)
  union all
  select part, 'duties', side, member_id, null, liaison_id from duty
  union all
  select part, 'overdue', side, member_id, limit_on, liaison_id from duty
   where limit_on <= portal.today() and (paused_until is null or paused_until < portal.today())
  union all
  select d.part, 'contacted', d.side, d.member_id, k.latest, d.liaison_id
    from duty d join met k on k.part = d.part and k.member_id = d.member_id and k.side = d.side
  union all
  select d.part, 'on_time', d.side, d.member_id, k.latest, d.liaison_id
    from duty d join met k on k.part = d.part and k.member_id = d.member_id and k.side = d.side
   where k.is_on_time
  union all
  select part, 'contacts', '', member_id, contacted_on, null from success where contacted_on >= contact_figures.from_on
  union all
  select part, 'from_member', '', member_id, contacted_on, null
    from success where contacted_on >= contact_figures.from_on and direction = 'from_member'
  union all  -- today, whatever the period; the last contact of the other side counts, so the right is asked there
  select p.part, 'unreachable', '', u.member_id, u.latest_on, a.liaison_id
    from part p join portal.unreachable(contact_figures.node) u on u.organization_id = p.node
    left join public.contacts_liaisonassignment a on a.member_id = u.member_id and a.is_primary and a.ended_on is null
$$;

-- The counts, for whoever may see totals there: a superior who sees no member reads them too.
create function portal.contact_report(node uuid, from_on date, until_on date)
returns table (organization_id uuid, figure text, side text, number bigint)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan as $$
begin
  if not portal.may('view_aggregates', node) then
    raise exception 'report_refused' using errcode = 'insufficient_privilege';
  end if;
  return query
    select f.organization_id, f.figure, f.side, count(*)
      from portal.contact_figures(node, from_on, until_on) f where f.figure <> 'unreachable' group by 1, 2, 3
    union all
    select part.id, 'unreachable', '', count(*)
      from (select c.id, o.id as node from public.portal_organization c
              join public.portal_organization o on o.path operator(public.<@) c.path
             where c.parent_id = contact_report.node
            union all select contact_report.node, contact_report.node) part
      join portal.out_of_reach(array(
             select o.id from public.portal_organization top
               join public.portal_organization o on o.path operator(public.<@) top.path
              where top.id = contact_report.node)) u on u.organization_id = part.node
     group by part.id;
end $$;
