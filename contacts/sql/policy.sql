-- The rules that hold at an organization: each one from the nearest organization at or above it that set it, else the
-- portal's own. 0 days: this step is not sent. Intervals name no person: whoever acts may ask.
-- Intervals (target and limit in days): all kinds of movement, to another province, studying abroad, incoming, incoming in
-- the first three months, and the member's own report. What is nowhere set for a kind follows the one for all kinds, but
-- for the shipped ones of studying abroad, the first three months and the member.
create function portal.contact_policy(node uuid,
  out capacity int, out before_days int, out secretary_days int, out community_days int, out street_days int,
  out counts_attendance boolean, out counts_visits boolean, out counts_needs boolean, out counts_report_ins boolean,
  out counts_parcels boolean,
  out go_live_on date, out target_days int, out limit_days int, out other_target int, out other_limit int,
  out study_target int, out study_limit int, out incoming_target int, out incoming_limit int,
  out first_target int, out first_limit int, out member_target int, out member_limit int,
  out thought_days int, out verify_days int)
language sql stable as $$
  with line as (
    select p.*, public.nlevel(above.path) as depth
      from public.portal_organization here
      join public.portal_organization above on above.path operator(public.@>) here.path
      join public.contacts_contactpolicy p on p.organization_id = above.id
     where here.id = node
  ), set_here as (
    select
      (array_agg(l.capacity order by depth desc) filter (where l.capacity is not null))[1] as capacity,
      (array_agg(l.before_days order by depth desc) filter (where l.before_days is not null))[1] as before_days,
      (array_agg(l.secretary_days order by depth desc) filter (where l.secretary_days is not null))[1] as secretary_days,
      (array_agg(l.community_days order by depth desc) filter (where l.community_days is not null))[1] as community_days,
      (array_agg(l.street_days order by depth desc) filter (where l.street_days is not null))[1] as street_days,
      (array_agg(l.counts_attendance order by depth desc) filter (where l.counts_attendance is not null))[1] as counts_attendance,
      (array_agg(l.counts_visits order by depth desc) filter (where l.counts_visits is not null))[1] as counts_visits,
      (array_agg(l.counts_needs order by depth desc) filter (where l.counts_needs is not null))[1] as counts_needs,
      (array_agg(l.counts_report_ins order by depth desc) filter (where l.counts_report_ins is not null))[1] as counts_report_ins,
      (array_agg(l.counts_parcels order by depth desc) filter (where l.counts_parcels is not null))[1] as counts_parcels,
      (array_agg(l.go_live_on order by depth desc) filter (where l.go_live_on is not null))[1] as go_live_on,
      (array_agg(l.target_days order by depth desc) filter (where l.target_days is not null))[1] as target_days,
      (array_agg(l.limit_days order by depth desc) filter (where l.limit_days is not null))[1] as limit_days,
      (array_agg(l.other_target order by depth desc) filter (where l.other_target is not null))[1] as other_target,
      (array_agg(l.other_limit order by depth desc) filter (where l.other_limit is not null))[1] as other_limit,
      (array_agg(l.study_target order by depth desc) filter (where l.study_target is not null))[1] as study_target,
      (array_agg(l.study_limit order by depth desc) filter (where l.study_limit is not null))[1] as study_limit,
      (array_agg(l.incoming_target order by depth desc) filter (where l.incoming_target is not null))[1] as incoming_target,
      (array_agg(l.incoming_limit order by depth desc) filter (where l.incoming_limit is not null))[1] as incoming_limit,
      (array_agg(l.first_target order by depth desc) filter (where l.first_target is not null))[1] as first_target,
      (array_agg(l.first_limit order by depth desc) filter (where l.first_limit is not null))[1] as first_limit,
      (array_agg(l.member_target order by depth desc) filter (where l.member_target is not null))[1] as member_target,
      (array_agg(l.member_limit order by depth desc) filter (where l.member_limit is not null))[1] as member_limit,
      (array_agg(l.thought_days order by depth desc) filter (where l.thought_days is not null))[1] as thought_days,
      (array_agg(l.verify_days order by depth desc) filter (where l.verify_days is not null))[1] as verify_days
      from line l
  )
  select coalesce(capacity, 5)::int, coalesce(before_days, 7)::int, coalesce(secretary_days, 7)::int,
         coalesce(community_days, 14)::int, coalesce(street_days, 30)::int, coalesce(counts_attendance, true),
         coalesce(counts_visits, true), coalesce(counts_needs, true), coalesce(counts_report_ins, true),
         coalesce(counts_parcels, true),
         go_live_on, coalesce(target_days, 90)::int, coalesce(limit_days, 120)::int,
         coalesce(other_target, target_days, 90)::int, coalesce(other_limit, limit_days, 120)::int,
         coalesce(study_target, 150)::int, coalesce(study_limit, 180)::int,
         coalesce(incoming_target, target_days, 90)::int, coalesce(incoming_limit, limit_days, 120)::int,
         coalesce(first_target, least(target_days, 30))::int, coalesce(first_limit, least(limit_days, 60))::int,
         coalesce(member_target, 300)::int, coalesce(member_limit, 365)::int,
         coalesce(thought_days, 730)::int, coalesce(verify_days, 90)::int
    from set_here
$$;

-- After how many days without a change or a check a file of this organization is listed as 久未核实.
create or replace function portal.verify_days(node uuid) returns int
language sql stable as $$ select p.verify_days from portal.contact_policy(node) p $$;

-- How many members one liaison of this organization carries.
create function portal.liaison_capacity(node uuid) returns int
language sql stable as $$ select p.capacity from portal.contact_policy(node) p $$;
