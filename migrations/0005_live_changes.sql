-- Changes of live sessions: Disconnect and CoA (RFC 5176). Whatever changes what a session should have writes a row here
-- in the same transaction, and a job for its router: whoever runs beside FreeRADIUS works off what a router has to be
-- told, one after the other, as routers obey only the RADIUS server that they know. A router that does not answer is asked
-- again later and holds up nobody else. What has to be done is worked out only then, from the difference between what the session was given and what a
-- log-in would get now, so a change that was taken back meanwhile does nothing.

create table live_change (
  id bigint generated always as identity primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  customer_id bigint,
  -- radacct; not a reference, as that row moves to the history
  session_id bigint not null,
  router_id bigint not null,
  cause text not null
    check (cause in ('suspended', 'activated', 'expiry', 'package', 'address', 'device', 'limit', 'asked')),
  -- a person wants the session to end, whatever it should have
  must_end boolean not null default false,
  action text check (action in ('disconnect', 'change_of_authorization')),
  -- grows when it is asked for again while it is carried out: what was planned before that settles nothing
  asks integer not null default 1,
  state text not null default 'waiting'
    check (state in ('waiting', 'not_needed', 'done', 'gone', 'refused', 'no_answer', 'gave_up')),
  detail text not null default '',
  asked_at timestamptz not null default clock_timestamp(),
  settled_at timestamptz
);
create index live_change_customer_id on live_change (customer_id, id desc);
create index live_change_session_id on live_change (session_id, id desc);
create index live_change_pending on live_change (router_id, id) where state in ('waiting', 'no_answer');
create index live_change_asked_at on live_change (asked_at);
alter table live_change enable row level security;
create policy reach on live_change using (operator_id = any ((select reach())::bigint[]));
grant select on live_change to demarc_super_admin, demarc_admin;

-- Whoever runs beside FreeRADIUS says here whether it answers. It belongs to no tenant: everybody may know.
create table radius_watch (
  -- one FreeRADIUS for one database
  only_one boolean primary key default true check (only_one),
  asked_at timestamptz not null,
  answered boolean not null,
  round_trip_us bigint,
  reason text not null default ''
);
alter table radius_watch enable row level security;
create policy everybody on radius_watch using (true);
grant select on radius_watch to demarc_super_admin, demarc_admin;

-- Addresses that speak RADIUS and are no router's: a router that moved, or a stranger. At most a thousand are kept.
create table radius_stranger (
  address inet primary key,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  packets bigint not null default 1
);
alter table radius_stranger enable row level security;
create policy nobody on radius_stranger using (false);

-- One job for each router, however much it has to be told.
create function ask_router(of_router_id bigint) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  select graphile_worker.add_job('live_changes', json_build_object('router_id', of_router_id),
    queue_name := 'router-' || of_router_id, job_key := 'router-' || of_router_id, max_attempts := 25)
$$;

-- Asks for a session to be made what it should be, or to be ended. One that waits already is not asked for twice.
create function ask_live_change(of_session radacct, because text, ends boolean) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  made bigint;
begin
  update live_change
  set asks = asks + 1, cause = because, must_end = must_end or ends, state = 'waiting', asked_at = clock_timestamp()
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

create function ask_live_changes(of_customer_id bigint, because text) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  select ask_live_change(s, because, false) from radacct s
  where s.customer_id = of_customer_id and s.acctstoptime is null
$$;

create function customer_changed() returns trigger
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  perform ask_live_changes(new.id, case
    when new.status <> old.status then case new.status when 'suspended' then 'suspended' else 'activated' end
    when new.expires_at is distinct from old.expires_at then 'expiry'
    when new.package_id is distinct from old.package_id then 'package'
    when new.address is distinct from old.address then 'address'
    else 'device'
  end);
  return null;
end
$$;
create trigger live after update of status, expires_at, package_id, address, devices_only on customer for each row
  when ((old.status, old.expires_at, old.package_id, old.address, old.devices_only)
    is distinct from (new.status, new.expires_at, new.package_id, new.address, new.devices_only))
  execute function customer_changed();

-- Cost: a row for each open session of the customers who have it, and a job for each router.
create function package_changed() returns trigger
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  update live_change l set asks = asks + 1, cause = 'package', state = 'waiting', asked_at = clock_timestamp()
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
create trigger live after update of rate_limit, address_pool, volume_bytes, hours on package for each row
  when ((old.rate_limit, old.address_pool, old.volume_bytes, old.hours)
    is distinct from (new.rate_limit, new.address_pool, new.volume_bytes, new.hours))
  execute function package_changed();

create function device_changed() returns trigger
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  perform ask_live_changes(coalesce(new.customer_id, old.customer_id), 'device');
  return null;
end
$$;
create trigger live after insert or delete or update of mac on device for each row execute function device_changed();

-- A person ends a session, or has it made what it should be. None: there is no such session within reach.
create function change_session(of_session_id bigint, ends boolean) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  s radacct;
  made bigint;
begin
  select * into s from radacct where radacctid = of_session_id and operator_id = any (reach());
  if not found then
    return null;
  end if;
  made := ask_live_change(s, 'asked', ends);
  insert into audit (tenant_id, operator_id, customer_id, staff_id, staff_name, record, record_id, action, after, host, program)
  select s.tenant_id, s.operator_id, s.customer_id, who.id, who.name, 'session', s.radacctid, 'update',
    jsonb_build_object(case when ends then 'disconnect' else 'apply' end, s.username),
    nullif(current_setting('demarc.host', true), ''), nullif(current_setting('demarc.program', true), '')
  from staff who where who.id = me();
  return made;
end
$$;
grant execute on function change_session(bigint, boolean) to demarc_super_admin, demarc_admin;

-- For demarcd, which is nobody's staff.

reset role;
create schema service authorization demarc_owner;
set role demarc_owner;

-- What a router has to be told next: what people wait for goes first. What it did not take in a day is given up.
create function service.next_live_change(of_router_id bigint) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  next_id bigint;
begin
  update live_change set state = 'gave_up', settled_at = clock_timestamp()
  where router_id = of_router_id and state in ('waiting', 'no_answer') and asked_at < now() - interval '1 day';
  select id into next_id from live_change
  where router_id = of_router_id and state in ('waiting', 'no_answer')
  order by must_end desc, cause in ('limit', 'package'), id limit 1;
  return next_id;
end
$$;

-- What has to be done for a live change, at this moment. No row: there is no such change any more.
create function service.plan_live_change(change_id bigint)
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
    elsif s.class is null and (d.verdict = 'redirected' or change.cause not in ('device', 'limit')) then
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
  return query
  select should, host(r.address), r.coa_port, r.secret, r.name, s.username, s.acctsessionid, host(s.framedipaddress),
    s.callingstationid, wanted.rate_limit, wanted.session_timeout, because, change.asks
  from router r where r.id = change.router_id;
end
$$;

-- How it went, unless it was asked for again meanwhile: then it is planned anew. A session that its router does not know has ended; one that was changed is known to be.
create function service.settle_live_change(
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
      session_timeout = extract(epoch from now() - acctstarttime)::bigint + with_session_timeout
    where radacctid = of_session_id;
  end if;
end
$$;

create function service.radius_watched(has_answered boolean, took_us bigint, why text) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  insert into radius_watch (asked_at, answered, round_trip_us, reason) values (now(), has_answered, took_us, why)
  on conflict (only_one) do update set asked_at = excluded.asked_at, answered = excluded.answered,
    round_trip_us = excluded.round_trip_us, reason = excluded.reason
$$;

grant usage on schema service to demarc_service;
grant execute on function
  service.next_live_change(bigint),
  service.plan_live_change(bigint),
  service.settle_live_change(bigint, integer, text, text, text, text, bigint),
  service.radius_watched(boolean, bigint, text)
  to demarc_service;

-- FreeRADIUS asks for a secret when somebody speaks for the first time; a stranger is remembered.
create or replace function radius.client_secret(client inet) returns text
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  found_secret text;
begin
  select secret into found_secret from router where address = client;
  if found_secret is null then
    if exists (select from radius_stranger where address = client) then
      update radius_stranger set last_at = now(), packets = packets + 1
      where address = client and last_at < now() - interval '1 second';
    else
      -- the latest thousand: whoever fills this with made-up addresses pushes out nothing but those
      delete from radius_stranger where address = any (array(
        select address from radius_stranger order by last_at desc offset 999));
      insert into radius_stranger (address) values (client) on conflict do nothing;
    end if;
  end if;
  return found_secret;
end
$$;

-- A report of a session that should not go on asks for its end: routers hold a session to what it was given at its start,
-- and not all of them to a volume. A router that did what it was told, and reports on, is told again after five minutes,
-- one that refused after an hour. Cost: four look-ups by primary key.
create function radius.enforce(s radacct) returns void
language plpgsql as $$
begin
  if exists (
    select from customer c
    join tenant t on t.id = c.tenant_id
    left join package p on p.id = c.package_id
    left join quota q on q.customer_id = c.id
    where c.id = s.customer_id
      -- on the notice already
      and not (t.suspended_policy = 'redirect' and s.address_list is not distinct from t.suspended_list
        and (c.status = 'suspended' or c.expires_at is null or c.expires_at <= now()))
      and (
        c.status <> 'active' or c.expires_at is null or c.expires_at < now() - interval '10 minutes'
        or q.bytes - q.carried_bytes >= p.volume_bytes
        or q.seconds - q.carried_seconds >= p.hours * 3600::bigint)
  ) and not exists (
    select from live_change where session_id = s.radacctid and (
      state in ('waiting', 'no_answer')
      or asked_at > now() - case when state in ('refused', 'gave_up') then interval '1 hour' else interval '5 minutes' end)
  ) then
    perform ask_live_change(s, 'limit', false);
  end if;
end
$$;
