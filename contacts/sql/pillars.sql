-- Pillars of the work (三联三帮三促): each metric is a share, by office in a period. Whoever works for a street, or below it,
-- reads the numbers too; above, shares alone, and none of fewer than five.

alter table contacts_pillarmetric enable row level security;
create policy see on contacts_pillarmetric for select using ((select portal.actor()) is not null);
create policy make on contacts_pillarmetric for insert with check (
  organization_id = any ((select portal.organization_ids('grant_access'))::uuid[]));
create policy change on contacts_pillarmetric for update using (
  organization_id = any ((select portal.organization_ids('grant_access'))::uuid[]));
create policy remove on contacts_pillarmetric for delete using (
  organization_id = any ((select portal.organization_ids('grant_access'))::uuid[]));

-- Two organizations become one: as with intervals, the kept one's own stay.
create function portal.merge_rows_contacts_pillarmetric(gone uuid, kept uuid) returns void
language plpgsql set search_path = pg_catalog, public as $$
begin
  delete from contacts_pillarmetric old where old.organization_id = gone
     and exists (select 1 from contacts_pillarmetric mine where mine.organization_id = kept);
  update contacts_pillarmetric set organization_id = kept where organization_id = gone;
end $$;
revoke execute on function portal.merge_rows_contacts_pillarmetric(uuid, uuid) from {app};

-- One row per part of the node (organization_id null: all of it) and metric. `number` of `whole`; null where hidden.
create function portal.pillar_counts(node uuid, from_on date, until_on date)
returns table (organization_id uuid, metric text, share int, number bigint, whole bigint)
language plpgsql stable security definer set search_path = pg_catalog, public, pg_temp
set plan_cache_mode = force_custom_plan as $$
declare
  exact constant boolean := portal.reads_exactly(node);
begin
  if not coalesce(portal.may('view_aggregates', node), false) then
    raise exception 'counts_refused' using errcode = 'insufficient_privilege';
  end if;
  return query
  with part as materialized (
    select c.id as part, o.id as node
      from public.portal_organization c
      join public.portal_organization o on o.path operator(public.<@) c.path
     where c.parent_id = pillar_counts.node
    union all
    select pillar_counts.node, pillar_counts.node
  ), figure as materialized (
    select f.organization_id as part, f.figure, f.side, f.member_id
      from portal.contact_figures(pillar_counts.node, from_on, until_on) f
     where f.figure in ('eligible', 'with_liaison', 'duties', 'contacted', 'on_time', 'from_member')
  ), came as (
    select coalesce(m.same_as_id, m.id) as member_id, bool_or(c.is_study) as is_study, bool_or(c.is_service) as is_service
      from portal.came_to_activities(from_on, until_on) c join public.members_member m on m.id = c.member_id
     group by 1
  ), visited as (
    select coalesce(m.same_as_id, m.id) as member_id
      from (select v.member_id from public.contacts_carevisit v
             where v.visited_on >= from_on and v.visited_on < until_on
            union
            select l.member_id from public.contacts_contactlog l
             where l.method = 'visit' and l.outcome = 'reached' and l.contacted_on >= from_on and l.contacted_on < until_on
               and not exists (select from public.contacts_contactlog later where later.amends_id = l.id)) v
      join public.members_member m on m.id = v.member_id
  ), eligible as (
    select e.part, e.member_id,
           exists (select from figure f where f.figure = 'from_member' and f.part = e.part
                                          and f.member_id = e.member_id) as has_called,
           exists (select from figure f where f.figure = 'with_liaison' and f.member_id = e.member_id) as has_liaison,
           exists (select from visited v where v.member_id = e.member_id) as is_visited,
           c.member_id is not null as has_come, coalesce(c.is_study, false) as is_study,
           coalesce(c.is_service, false) as is_service
      from figure e left join came c on c.member_id = e.member_id
     where e.figure = 'eligible'
  ), counted as (
    select f.part, f.side || '_contacted' as metric,
           count(*) filter (where f.figure = 'contacted') as number, count(*) filter (where f.figure = 'duties') as whole
      from figure f where f.figure in ('duties', 'contacted') group by 1, 2
    union all
    select f.part, 'on_time', count(*) filter (where f.figure = 'on_time'), count(*) filter (where f.figure = 'contacted')
      from figure f where f.figure in ('on_time', 'contacted') group by 1
    union all
    select e.part, said.metric, count(*) filter (where said.holds), count(*)
      from eligible e
     cross join lateral (values ('member_contacted', e.has_called), ('with_liaison', e.has_liaison),
                                ('visited', e.is_visited), ('took_part', e.has_come), ('studied', e.is_study),
                                ('served', e.is_service)) as said (metric, holds)
     group by 1, 2
    union all
    select p.part, 'needs_answered', count(n.answered_on), count(*)
      from part p join public.contacts_need n on n.organization_id = p.node
     where n.raised_on >= from_on and n.raised_on < until_on group by 1
    union all
    select p.part, 'wishes_fulfilled', count(*) filter (where w.state = 'fulfilled'), count(*)
      from part p join public.contacts_wish w on w.organization_id = p.node
     where w.state <> 'withdrawn' and w.posted_on >= from_on and w.posted_on < until_on group by 1
  ), summed as (
    select c.part, c.metric, sum(c.number)::bigint as number, sum(c.whole)::bigint as whole
      from counted c group by grouping sets ((c.part, c.metric), (c.metric))
  )
  select s.part, s.metric, round(100.0 * s.number / s.whole)::int,
         case when exact then s.number end, case when exact then s.whole end
    from summed s where s.whole > 0 and (exact or s.whole >= 5);
end $$;
