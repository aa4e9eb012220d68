-- Nobody is forgotten: of every organization whose totals the actor may read, the members to be looked after, each once, by
-- the most urgent state of the managing side on this day. Whoever has none of them is `forgotten`; that number is 0.
create function portal.duty_account(today date)
returns table (organization_id uuid, eligible bigint, normal bigint, due bigint, overdue bigint, paused bigint,
               exempt bigint, forgotten bigint)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  select one.organization_id, count(*), count(*) filter (where one.rank = 3), count(*) filter (where one.rank = 2),
         count(*) filter (where one.rank = 1), count(*) filter (where one.rank = 4), count(*) filter (where one.rank = 5),
         count(*) filter (where one.rank is null)
    from (select m.id, m.organization_id,
                 min(case when o.standing = 'exempt' then 5 when o.paused_until >= today then 4
                          when o.limit_on <= today then 1 when o.due_on <= today then 2
                          when o.due_on > today then 3 end) as rank
            from public.members_member m
            left join public.contacts_contactobligation o
              on o.member_id = m.id and o.ended_on is null and o.side <> 'member' and o.standing <> 'outside'
             and o.organization_id = m.organization_id
           where m.state in ('floating', 'pending') and m.same_as_id is null
             and m.organization_id = any ((select portal.organization_ids('view_aggregates'))::uuid[])
           group by m.id, m.organization_id) one
   group by one.organization_id
$$;
