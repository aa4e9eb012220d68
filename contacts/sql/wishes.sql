-- Small wishes: kept by whoever manages needs there, read by whoever sees members there.
alter table contacts_wish enable row level security;
create policy see on contacts_wish for select using (
  organization_id = any ((select portal.organization_ids('view_members'))::uuid[]));
create policy make on contacts_wish for insert with check (
  state = 'open' and organization_id = any ((select portal.organization_ids('manage_needs'))::uuid[])
  and exists (select 1 from members_member m where m.id = member_id and m.organization_id = contacts_wish.organization_id));
create policy change on contacts_wish for update using (
  organization_id = any ((select portal.organization_ids('manage_needs'))::uuid[]));
revoke update, delete on contacts_wish from {app};
grant update (state, claimant, claimed_on, claimed_by_id, closed_on) on contacts_wish to {app};

-- Taken over once: nobody steps into another's place, unless that one gave the wish back. What is closed stays closed.
create function portal.check_wish() returns trigger
language plpgsql set search_path = pg_catalog as $$
begin
  if old.state in ('fulfilled', 'withdrawn')
     or (old.claimed_on is not null and new.claimed_on is not null
         and (new.claimant, new.claimed_on, new.claimed_by_id)
             is distinct from (old.claimant, old.claimed_on, old.claimed_by_id)) then
    raise exception 'wish_claimed_once' using errcode = 'check_violation', constraint = 'wish_claimed_once';
  end if;
  return new;
end $$;
create trigger check_wish before update of state, claimant, claimed_on, claimed_by_id, closed_on on contacts_wish
  for each row execute function portal.check_wish();

-- What is not closed goes with its file.
create function portal.move_wishes() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
  update public.contacts_wish w set organization_id = n.organization_id
    from changed_rows n join former_rows f on f.id = n.id
   where n.organization_id <> f.organization_id and w.member_id = n.id and w.state in ('open', 'claimed');
  return null;
end $$;
create trigger move_wishes after update on members_member
  referencing old table as former_rows new table as changed_rows
  for each statement execute function portal.move_wishes();
