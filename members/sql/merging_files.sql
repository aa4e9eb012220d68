-- Two files of one person within the reach of one office: the second is folded into the first, as when two sides are
-- linked. It is kept as it was, is read behind the kept file, and nobody changes it.

create function portal.fold_file(kept uuid, folded uuid) returns text
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare found_rows int;
begin
  perform 1 from public.members_member m where m.id in (kept, folded) order by m.id for no key update;
  select count(*) into found_rows from public.members_member m
   where m.id in (kept, folded) and portal.may('change_members', m.organization_id);
  if found_rows <> 2 or kept = folded then
    raise exception 'merge_refused' using errcode = 'insufficient_privilege';
  end if;
  if exists (select 1 from public.members_member m
              where (m.id in (kept, folded) and m.same_as_id is not null) or m.same_as_id = folded) then
    return 'linked_already';
  end if;
  if exists (select 1 from public.members_transfer t where t.member_id = folded and t.state = 'proposed') then
    return 'transfer_open';
  end if;
  update public.members_member set same_as_id = kept where id = folded;
  perform portal.place_members(array[kept, folded]);
  return '';
end $$;
