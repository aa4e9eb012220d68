-- The rules that hold at an organization: each one from the nearest organization at or above it that set it, else the
-- portal's own. 0 days: this step is not sent. Intervals name no person: whoever acts may ask.
create function portal.contact_policy(node uuid,
  out capacity int, out before_days int, out secretary_days int, out community_days int, out street_days int,
  out counts_attendance boolean, out counts_visits boolean, out counts_needs boolean, out counts_report_ins boolean)
language sql stable as $$
  with line as (
    select p.*, public.nlevel(above.path) as depth
      from public.portal_organization here
      join public.portal_organization above on above.path operator(public.@>) here.path
      join public.contacts_contactpolicy p on p.organization_id = above.id
     where here.id = node
  )
  select coalesce((array_agg(l.capacity order by depth desc) filter (where l.capacity is not null))[1], 5)::int,
         coalesce((array_agg(l.before_days order by depth desc) filter (where l.before_days is not null))[1], 7)::int,
         coalesce((array_agg(l.secretary_days order by depth desc) filter (where l.secretary_days is not null))[1], 7)::int,
         coalesce((array_agg(l.community_days order by depth desc) filter (where l.community_days is not null))[1], 14)::int,
         coalesce((array_agg(l.street_days order by depth desc) filter (where l.street_days is not null))[1], 30)::int,
         coalesce((array_agg(l.counts_attendance order by depth desc) filter (where l.counts_attendance is not null))[1], true),
         coalesce((array_agg(l.counts_visits order by depth desc) filter (where l.counts_visits is not null))[1], true),
         coalesce((array_agg(l.counts_needs order by depth desc) filter (where l.counts_needs is not null))[1], true),
         coalesce((array_agg(l.counts_report_ins order by depth desc) filter (where l.counts_report_ins is not null))[1], true)
    from line l
$$;

-- How many members one liaison of this organization carries.
create function portal.liaison_capacity(node uuid) returns int
language sql stable as $$ select p.capacity from portal.contact_policy(node) p $$;
