-- When a section of a file was last found to be right, and which files nobody looked at for long.

alter table members_verification enable row level security;
create policy see on members_verification for select using (
  exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('view_members'))::uuid[])));
create policy make on members_verification for insert with check (
  exists (select 1 from members_member m where m.id = member_id and m.same_as_id is null
             and m.organization_id = any ((select portal.organization_ids('change_members'))::uuid[])));
create policy change on members_verification for update using (
  exists (select 1 from members_member m where m.id = member_id and m.same_as_id is null
             and m.organization_id = any ((select portal.organization_ids('change_members'))::uuid[])));
revoke delete on members_verification from {app};

alter table members_verificationevent enable row level security;
create policy see on members_verificationevent for select using (
  exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('view_members'))::uuid[])));
revoke insert, update, delete on members_verificationevent from {app};

alter table members_stalefile enable row level security;
create policy see on members_stalefile for select using (
  exists (select 1 from members_member m where m.id = member_id
             and m.organization_id = any ((select portal.organization_ids('view_members'))::uuid[])));
revoke insert, update, delete on members_stalefile from {app};

-- After how many days a file is to be checked again; the app of the offices' rules replaces this.
create function portal.verify_days(node uuid) returns int language sql stable as $$ select 90 $$;

-- Marks every file below `root` that nobody changed or verified for more days than its office allows, and takes the other
-- marks away. Only people who may still be looked after: who came home, left or died is not asked about again.
create function portal.mark_stale_files(root uuid) returns bigint
language plpgsql security definer set search_path = pg_catalog, public, pg_temp
  set plan_cache_mode = force_custom_plan as $$
declare marked bigint;
begin
  if not coalesce(portal.may('send_reminders', root), false) then
    raise exception 'verify_refused' using errcode = 'insufficient_privilege';
  end if;
  create temporary table stale_now on commit drop as
    with offices as materialized (
      select o.id, portal.today() - portal.verify_days(o.id) as since
        from public.portal_organization top join public.portal_organization o on o.path operator(public.<@) top.path
       where top.id = root)
    select m.id as member_id, greatest((m.updated_at at time zone 'Asia/Shanghai')::date, checked.last_on) as touched_on
      from offices o
      join public.members_member m on m.organization_id = o.id
      left join (select v.member_id, max(v.verified_on) as last_on from public.members_verification v group by 1) checked
        on checked.member_id = m.id
     where m.same_as_id is null and m.state in ('pending', 'floating')
       and greatest((m.updated_at at time zone 'Asia/Shanghai')::date, checked.last_on) < o.since;
  delete from public.members_stalefile s using public.members_member m, public.portal_organization o,
                                               public.portal_organization top
   where s.member_id = m.id and o.id = m.organization_id and top.id = root and o.path operator(public.<@) top.path
     and not exists (select 1 from stale_now n where n.member_id = s.member_id);
  insert into public.members_stalefile (member_id, touched_on) select member_id, touched_on from stale_now
  on conflict (member_id) do update set touched_on = excluded.touched_on
   where members_stalefile.touched_on <> excluded.touched_on;
  select count(*) into marked from stale_now;
  drop table stale_now;
  return marked;
end $$;

create function portal.forget_stale() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  delete from public.members_stalefile s using changed_rows c where s.member_id = c.member_id;
  return null;
end $$;

create trigger forget_stale_inserted after insert on members_verification referencing new table as changed_rows
  for each statement execute function portal.forget_stale();
create trigger forget_stale_updated after update on members_verification referencing new table as changed_rows
  for each statement execute function portal.forget_stale();
