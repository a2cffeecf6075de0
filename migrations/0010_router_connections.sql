-- How each router's API is reached, what was last seen there, and a speed for one live session.

alter table router
  -- where the API is; none: at the address that its RADIUS packets come from
  add column api_host text check (char_length(api_host) between 1 and 253),
  -- none: 8729 with TLS, 8728 without
  add column api_port integer check (api_port between 1 and 65535),
  -- somebody who may decided that this router's log-in may cross the network unencrypted
  add column api_plain boolean not null default false,
  -- what WinBox wrote texts in that are not UTF-8
  add column api_code_page text not null default 'windows-1252'
    check (api_code_page in ('windows-1250', 'windows-1251', 'windows-1252', 'windows-1253', 'windows-1254',
      'windows-1255', 'windows-1256', 'windows-1257', 'windows-1258', 'windows-874')),
  -- SHA-256 of its certificate, kept at first contact
  add column api_fingerprint bytea check (octet_length(api_fingerprint) = 32);
select grant_to_holders(permission, privilege)
from (values
  ('router_read', 'select (api_host, api_port, api_plain, api_code_page, api_fingerprint) on router'),
  ('router_write', 'insert (api_host, api_port, api_plain, api_code_page) on router'),
  ('router_write', 'update (api_host, api_port, api_plain, api_code_page, api_fingerprint) on router')
) g (permission, privilege);

-- Where a router is reached decides who gets to see its log-in: only whoever may see that anyway changes it while one is kept.
create function guard_router_access() returns trigger
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  if (new.api_host, new.api_port, new.api_plain, new.api_fingerprint)
      is distinct from (old.api_host, old.api_port, old.api_plain, old.api_fingerprint)
    or new.address <> old.address and new.api_host is null then
    if exists (select from staff where login_role = session_user) and not can('router_secret')
      and exists (select from router_access where router_id = new.id) then
      raise exception 'this needs the permission router_secret, as a log-in is kept for this router'
        using errcode = 'insufficient_privilege';
    end if;
  end if;
  return new;
end
$$;
create trigger guard before update on router for each row execute function guard_router_access();

-- What was last seen at each router's API, and who looks: one program at a time, however many are open, as each
-- connection is a log line on the router and it takes twenty. Written every half minute, so apart from `router` and not audited.
create table router_seen (
  router_id bigint primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  -- drawn by the program that looks
  watcher uuid,
  watched_until timestamptz,
  -- none: it was never tried
  up boolean,
  -- up or not since
  since timestamptz,
  tried_at timestamptz,
  next_try_at timestamptz,
  -- why it is not up, and what to do, in English
  reason text not null default '',
  hint text not null default '',
  -- when it last answered; everything below is of then
  seen_at timestamptz,
  identity text,
  version text,
  board text,
  uptime_seconds bigint,
  -- per cent
  cpu_load integer,
  memory_free bigint,
  memory_total bigint,
  ppp_sessions integer,
  hotspot_sessions integer,
  foreign key (router_id, operator_id, tenant_id)
    references router (id, operator_id, tenant_id) on update cascade on delete cascade
) with (fillfactor = 70);
alter table router_seen enable row level security;
create policy read on router_seen for select using (operator_id = any ((select reach('router_read'))::bigint[]));
-- not who looks: with it, somebody else could take it over or leave it
select grant_to_holders('router_read', 'select (router_id, tenant_id, operator_id, watched_until, up, since, tried_at,
  next_try_at, reason, hint, seen_at, identity, version, board, uptime_seconds, cpu_load, memory_free, memory_total, ppp_sessions,
  hotspot_sessions) on router_seen');

-- The routers that a program looks after for the next so many seconds: those that it has, and those that nobody has, but
-- not those that it cannot log in to. Cost: one pass over the routers within reach.
create function watch_routers(as_watcher uuid, for_seconds integer, cannot bigint[]) returns setof bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  update router_seen set watcher = null, watched_until = null where watcher = as_watcher and router_id = any (cannot);
  if as_watcher is null or for_seconds not between 10 and 600 then
    raise exception 'a watcher looks for 10 to 600 seconds' using errcode = 'check_violation';
  end if;
  return query
  insert into router_seen as s (router_id, tenant_id, operator_id, watcher, watched_until)
  select a.router_id, a.tenant_id, a.operator_id, as_watcher, now() + make_interval(secs => for_seconds)
  from router_access a
  where a.operator_id = any ((select reach('router_secret'))::bigint[]) and not a.unreadable
    and not a.router_id = any (cannot)
  -- in one order, so that two programs that ask at once wait for each other
  order by a.router_id
  on conflict (router_id) do update set watcher = excluded.watcher, watched_until = excluded.watched_until
  where s.watcher is not distinct from as_watcher or s.watched_until is null or s.watched_until < now()
  returning s.router_id;
end
$$;

-- A program that is closed leaves its routers to others at once.
create function unwatch_routers(as_watcher uuid) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  update router_seen set watcher = null, watched_until = null
  where watcher = as_watcher and operator_id = any ((select reach('router_secret'))::bigint[])
$$;

-- Keeps what was seen: rows of router_seen by name. A router that does not answer keeps what was last seen of it. That it
-- does not answer is believed of whoever looks after it: to another program there may just be no way.
create function note_routers(as_watcher uuid, seen jsonb) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  insert into router_seen as s (router_id, tenant_id, operator_id, up, since, tried_at, next_try_at, reason, hint, seen_at,
    identity, version, board, uptime_seconds, cpu_load, memory_free, memory_total, ppp_sessions, hotspot_sessions)
  select distinct on (r.id) r.id, r.tenant_id, r.operator_id, n.up, now(), now(), n.next_try_at,
    left(coalesce(n.reason, ''), 500), left(coalesce(n.hint, ''), 500), case when n.up then now() end, left(n.identity, 200),
    left(n.version, 100), left(n.board, 100), greatest(n.uptime_seconds, 0), greatest(least(n.cpu_load, 100), 0),
    greatest(n.memory_free, 0), greatest(n.memory_total, 0), greatest(n.ppp_sessions, 0), greatest(n.hotspot_sessions, 0)
  from jsonb_to_recordset(seen) n (router_id bigint, up boolean, next_try_at timestamptz, reason text, hint text, identity text,
    version text, board text, uptime_seconds bigint, cpu_load integer, memory_free bigint, memory_total bigint,
    ppp_sessions integer, hotspot_sessions integer)
  join router r on r.id = n.router_id and r.operator_id = any ((select reach('router_secret'))::bigint[])
  where n.up is not null and (n.up or not exists (
    select from router_seen o
    where o.router_id = r.id and o.watched_until > now() and o.watcher is distinct from as_watcher))
  order by r.id
  on conflict (router_id) do update set
    since = case when s.up is not distinct from excluded.up then s.since else now() end,
    up = excluded.up, tried_at = now(), next_try_at = excluded.next_try_at, reason = excluded.reason, hint = excluded.hint,
    seen_at = coalesce(excluded.seen_at, s.seen_at),
    identity = coalesce(excluded.identity, s.identity), version = coalesce(excluded.version, s.version),
    board = coalesce(excluded.board, s.board), uptime_seconds = coalesce(excluded.uptime_seconds, s.uptime_seconds),
    cpu_load = coalesce(excluded.cpu_load, s.cpu_load), memory_free = coalesce(excluded.memory_free, s.memory_free),
    memory_total = coalesce(excluded.memory_total, s.memory_total),
    ppp_sessions = coalesce(excluded.ppp_sessions, s.ppp_sessions),
    hotspot_sessions = coalesce(excluded.hotspot_sessions, s.hotspot_sessions)
$$;

-- The log-ins of routers, for connecting to them. The audit says so once a day for each person and router; whoever looks at
-- a password itself uses reveal_router_access, which says so each time.
-- named by the server, while a table before it had the name
alter table audit drop constraint if exists audit_action_check, drop constraint if exists audit_action_check1;
alter table audit add constraint audit_action_check
  check (action in ('insert', 'update', 'delete', 'reveal', 'password', 'rotate', 'connect', 'disconnect'));
create function open_router_access(of_router_ids bigint[])
returns table (router_id bigint, user_name text, sealed bytea, generation integer)
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  insert into audit (tenant_id, operator_id, staff_id, staff_name, record, record_id, action, host, program)
  select a.tenant_id, a.operator_id, s.id, s.name, 'router_access', a.router_id, 'connect',
    nullif(current_setting('demarc.host', true), ''), nullif(current_setting('demarc.program', true), '')
  from router_access a join staff s on s.id = me()
  where a.router_id = any (of_router_ids) and a.operator_id = any ((select reach('router_secret'))::bigint[]) and not exists (
    select from audit l
    where l.record = 'router_access' and l.record_id = a.router_id and l.at > now() - interval '1 day'
      and l.action = 'connect' and l.staff_id = s.id);
  return query select a.router_id, a.user_name, a.sealed, a.generation from router_access a
  where a.router_id = any (of_router_ids) and a.operator_id = any ((select reach('router_secret'))::bigint[]);
end
$$;

-- Somebody ends a session at the router itself, not through RADIUS.
create function note_disconnect(of_router_id bigint, of_user_name text) returns void
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  insert into audit (tenant_id, operator_id, customer_id, staff_id, staff_name, record, record_id, action, after, host, program)
  select r.tenant_id, r.operator_id,
    (select l.customer_id from login l where l.tenant_id = r.tenant_id and l.name_folded = lower(of_user_name)
      and l.operator_id = any (reach('session_change'))),
    s.id, s.name, 'router', r.id, 'disconnect', jsonb_build_object('disconnect', left(of_user_name, 200)),
    nullif(current_setting('demarc.host', true), ''), nullif(current_setting('demarc.program', true), '')
  from router r join staff s on s.id = me()
  where r.id = of_router_id and r.operator_id = any (reach('session_change')) and can('router_secret');
  if not found then
    raise exception 'this needs the permissions session_change and router_secret' using errcode = 'insufficient_privilege';
  end if;
end
$$;

-- The router itself does not have a session any more, which was read there: what waits to be sent to it is settled, and its
-- record ends with the last report.
create function session_gone(of_session_id bigint) returns void
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  if not can('router_secret') or not exists (
    select from radacct where radacctid = of_session_id and operator_id = any (reach('session_change'))) then
    return;
  end if;
  update live_change set state = 'gone', settled_at = clock_timestamp()
  where session_id = of_session_id and state in ('waiting', 'no_answer');
  update radacct set acctstoptime = acctupdatetime, acctterminatecause = 'Lost-Stop'
  where radacctid = of_session_id and acctstoptime is null;
end
$$;

select grant_to_holders(permission, privilege)
from (values
  ('router_secret', 'execute on function watch_routers(uuid, integer, bigint[]), unwatch_routers(uuid),
    note_routers(uuid, jsonb), open_router_access(bigint[])'),
  ('session_change', 'execute on function note_disconnect(bigint, text), session_gone(bigint)')
) g (permission, privilege);

-- A speed for one live session, by hand. It lasts until anything else changes what the session should have.

alter table live_change add column limit_rate text;

create or replace function ask_live_change(of_session radacct, because text, ends boolean) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  made bigint;
begin
  update live_change
  set asks = asks + 1, cause = because, must_end = must_end or ends, limit_rate = null, state = 'waiting',
    asked_at = clock_timestamp()
  where session_id = of_session.radacctid and state in ('waiting', 'no_answer') returning id into made;
  if not found then
    insert into live_change (tenant_id, operator_id, customer_id, session_id, router_id, cause, must_end)
    values (of_session.tenant_id, of_session.operator_id, of_session.customer_id, of_session.radacctid,
      of_session.router_id, because, ends)
    returning id into made;
  end if;
  perform ask_router(of_session.router_id);
  return made;
end
$$;

-- None: there is no such session within reach.
create function limit_session(of_session_id bigint, with_rate text) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  s radacct;
  made bigint;
begin
  -- one attribute of RADIUS holds 247 octets of it
  if with_rate is null or with_rate !~ '^[0-9]{1,12}[kMG]?/[0-9]{1,12}[kMG]?( [0-9kMG/ ]+)?$' or octet_length(with_rate) > 247
    or with_rate ~ '[[:cntrl:]]' then
    raise exception 'not a rate' using errcode = 'check_violation';
  end if;
  select * into s from radacct where radacctid = of_session_id and operator_id = any (reach('session_change'));
  if not found then
    return null;
  end if;
  made := ask_live_change(s, 'asked', false);
  update live_change set limit_rate = with_rate where id = made;
  insert into audit (tenant_id, operator_id, customer_id, staff_id, staff_name, record, record_id, action, after, host, program)
  select s.tenant_id, s.operator_id, s.customer_id, who.id, who.name, 'session', s.radacctid, 'update',
    jsonb_build_object('rate_limit', with_rate),
    nullif(current_setting('demarc.host', true), ''), nullif(current_setting('demarc.program', true), '')
  from staff who where who.id = me();
  return made;
end
$$;
select grant_to_holders('session_change', 'execute on function limit_session(bigint, text)');

create or replace function package_changed() returns trigger
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  update live_change l set asks = asks + 1, cause = 'package', limit_rate = null, state = 'waiting', asked_at = clock_timestamp()
  from customer c
  where c.package_id = new.id and l.customer_id = c.id and l.state in ('waiting', 'no_answer');
  insert into live_change (tenant_id, operator_id, customer_id, session_id, router_id, cause)
  select s.tenant_id, s.operator_id, s.customer_id, s.radacctid, s.router_id, 'package'
  from customer c join radacct s on s.customer_id = c.id and s.acctstoptime is null
  where c.package_id = new.id and not exists (
    select from live_change l where l.session_id = s.radacctid and l.state in ('waiting', 'no_answer'));
  -- always in the same order, or two of these would wait for each other
  perform ask_router(r.id) from router r
  where r.tenant_id = new.tenant_id and exists (
    select from live_change l where l.router_id = r.id and l.state in ('waiting', 'no_answer'))
  order by r.id;
  return null;
end
$$;

-- As before, but with a speed by hand.
create or replace function service.plan_live_change(change_id bigint)
returns table (
  -- none: nothing
  action text,
  address text, coa_port integer, secret text, router_name text,
  user_name text, acct_session_id text, framed_ip_address text, calling_station_id text,
  rate_limit text, session_timeout bigint,
  why text,
  -- of the change, for settling it
  asks integer
)
language plpgsql security definer set search_path = demarc, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  change live_change;
  s radacct;
  d radius.decision;
  wanted radius.grant_items;
  ends_in bigint;
  later boolean;
  should text := null;
  because text := '';
begin
  select * into change from live_change where id = change_id;
  if not found then
    return;
  end if;
  select * into s from radacct where radacctid = change.session_id;
  if not found or s.acctstoptime is not null then
    because := 'the session has ended';
  elsif change.must_end then
    should := 'disconnect';
  else
    d := radius.examine(s.tenant_id, s.username, s.callingstationid, false);
    -- who is online already is not thrown out for being so
    if d.verdict not in ('accepted', 'redirected', 'already_logged_in') then
      should := 'disconnect';
      because := d.verdict;
    elsif s.class is null and change.limit_rate is null and (d.verdict = 'redirected' or change.cause not in ('device', 'limit')) then
      should := 'disconnect';
      because := 'it is not known what it was given';
    elsif s.class is not null then
      wanted := radius.grant_of(d.customer_id, d.verdict = 'redirected', d.bytes_left, d.seconds_left);
      if wanted.address_list is distinct from s.address_list then
        should := 'disconnect';
        because := 'address list';
      -- a hotspot gives its own addresses, whatever we say
      elsif s.service is distinct from 'hotspot' and (
        wanted.framed_ip_address is not null and wanted.framed_ip_address::inet is distinct from s.framedipaddress
        or wanted.framed_pool is distinct from s.framed_pool) then
        should := 'disconnect';
        because := 'address';
      elsif (wanted.total_limit is null) <> (s.total_limit is null)
        -- the router counts from the session's start; more than it would let through has been bought
        or wanted.total_limit + s.acctinputoctets + s.acctoutputoctets > s.total_limit then
        should := 'disconnect';
        because := 'volume';
      else
        -- a session on the notice ends by itself; when does not matter. Others may be off by the minutes of the stagger
        ends_in := extract(epoch from s.acctstarttime - now())::bigint + s.session_timeout;
        later := d.verdict <> 'redirected' and abs(wanted.session_timeout - coalesce(ends_in, 0)) > 600;
        if wanted.rate_limit is distinct from s.rate_limit and wanted.rate_limit is null then
          -- a rate can be changed by CoA, and not be taken away
          should := 'disconnect';
          because := 'rate';
        elsif wanted.rate_limit is distinct from s.rate_limit or later then
          should := 'change_of_authorization';
          because := concat_ws(', ',
            case when wanted.rate_limit is distinct from s.rate_limit then wanted.rate_limit end,
            case when later
              then 'until ' || to_char(now() + make_interval(secs => wanted.session_timeout), 'YYYY-MM-DD') end);
        else
          because := 'it is as it should be';
        end if;
      end if;
    end if;
  end if;
  -- a speed by hand, unless the session is to end anyway
  if change.limit_rate is not null and should is distinct from 'disconnect' and s.radacctid is not null
    and s.acctstoptime is null then
    should := 'change_of_authorization';
    wanted.rate_limit := change.limit_rate;
    because := change.limit_rate;
  end if;
  return query
  select should, host(r.address), r.coa_port, r.secret, r.name, s.username, s.acctsessionid, host(s.framedipaddress),
    s.callingstationid, wanted.rate_limit, wanted.session_timeout, because, change.asks
  from router r where r.id = change.router_id;
end
$$;

-- How it went, unless it was asked for again meanwhile: then it is planned anew. A session that its router does not know has ended; one that was changed is known to be.
create or replace function service.settle_live_change(
  change_id bigint, planned_asks integer, did text, outcome text, what text, with_rate_limit text,
  with_session_timeout bigint
) returns void
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  of_session_id bigint;
begin
  update live_change l set action = did, state = case when l.asks = planned_asks then outcome else 'waiting' end,
    detail = what, settled_at = clock_timestamp()
  where l.id = change_id returning l.session_id into of_session_id;
  if outcome = 'gone' then
    update radacct set acctstoptime = acctupdatetime, acctterminatecause = 'Lost-Stop'
    where radacctid = of_session_id and acctstoptime is null;
  elsif outcome = 'done' and did = 'change_of_authorization' then
    update radacct set rate_limit = coalesce(with_rate_limit, rate_limit),
      session_timeout = coalesce(extract(epoch from now() - acctstarttime)::bigint + with_session_timeout, session_timeout)
    where radacctid = of_session_id;
  end if;
end
$$;
