-- Who acts. Read before the tables are made: rows of history have these functions for defaults.
-- An actor is `kind.id.pid.expiry.mac`, signed by the portal, bound to this backend process, set for one transaction.

-- The key's two padded blocks of HMAC (RFC 2104), filled after every migrate; out of the app role's reach, out of dumps.
create table if not exists vault.actor_key (inner_block bytea, outer_block bytea);

create function portal.hmac_sha256(message bytea) returns bytea
language sql stable security definer set search_path = pg_catalog, vault as $$
  select sha256(outer_block || sha256(inner_block || message)) from vault.actor_key
$$;

-- The actor, or why there is none: unset, malformed, forged, unknown_kind, other_session, expired. The signature is
-- judged before what it signs.
create function portal.read_actor(out who text, out failure text)
language plpgsql stable security definer set search_path = pg_catalog as $$
declare
  token text := nullif(current_setting('portal.actor', true), '');
  part text[] := string_to_array(token, '.');
begin
  failure := case
    when token is null then 'unset'
    when array_length(part, 1) <> 5 or part[4] !~ '^[0-9]{1,12}$' then 'malformed'
    when encode(portal.hmac_sha256(convert_to(array_to_string(part[1:4], '.'), 'UTF8')), 'hex') <> part[5] then 'forged'
    when part[1] not in ('user', 'link', 'device', 'system') then 'unknown_kind'
    when part[3] <> pg_backend_pid()::text then 'other_session'
    when part[4]::bigint < extract(epoch from clock_timestamp()) then 'expired'
  end;
  if failure is null then who := part[1] || '.' || part[2]; end if;
end $$;

-- Whoever asks this means to read or write in a scope. The app role without an actor is a mistake or an attack, so the
-- answer comes with a warning, which the portal writes into its log (portal/alarm.py). It holds no values.
create function portal.actor() returns text
language plpgsql stable security definer set search_path = pg_catalog as $$
declare read record;
begin
  select * into read from portal.read_actor();
  if read.failure is not null and session_user <> current_user then  -- the owner migrates and repairs without an actor
    raise warning using errcode = '01Y01', message = 'portal.actor ' || read.failure;
  end if;
  return read.who;
end $$;

-- For history rows: a public page's rows are written by nobody, which is no reason for an alarm.
create function portal.recorded_actor() returns text
language sql stable security definer set search_path = pg_catalog as $$ select who from portal.read_actor() $$;

-- For history rows: what the values came from (portal.history.from_source), null where somebody typed them.
create function portal.recorded_source() returns text
language sql stable set search_path = pg_catalog as $$ select nullif(current_setting('portal.source', true), '') $$;

-- Name the actor for this transaction, where the token was signed for this session; else only tell which session it is. Of
-- a person the rights come along, because every page asks for them (portal.held_rights, access.sql).
create function portal.act_as(signed_for int, token text, out session int, out rights text[], out nodes uuid[])
language plpgsql set search_path = pg_catalog as $$
begin
  session := pg_backend_pid();
  if session <> signed_for then return; end if;
  perform set_config('portal.actor', token, true);
  if token like 'user.%' then
    select coalesce(array_agg(h."right"), '{}'), coalesce(array_agg(h.organization_id), '{}') into rights, nodes
      from portal.held_rights() h;
  end if;
end $$;
