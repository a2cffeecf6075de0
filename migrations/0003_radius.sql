-- RADIUS reads the customer record itself: no copy, no job that keeps one in step.
-- FreeRADIUS calls the functions of schema `radius`, whose plans are cached; for people and other tools the standard
-- names are views of the same rows. Staff cannot use this schema; what they may see of attempts and sessions are the
-- tables in schema `demarc`, under their policies.

create table radpostauth (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  tenant_id bigint not null,
  operator_id bigint not null,
  router_id bigint,
  -- none: nobody of the provider has that name
  customer_id bigint,
  user_name text not null,
  calling_station_id text,
  nas_identifier text,
  accepted boolean not null,
  -- why; never a password
  verdict text not null
);
create index radpostauth_customer_id on radpostauth (customer_id, id desc);
create index radpostauth_tenant_id on radpostauth (tenant_id, id desc);

-- When RADIUS last heard from a router; apart from `router`, so that it is neither audited nor a new version.
create table router_heard (
  router_id bigint primary key references router on delete cascade,
  operator_id bigint not null,
  heard_at timestamptz not null
);

-- Sessions, by the names that RADIUS tools know.
create table radacct (
  radacctid bigint generated always as identity primary key,
  acctuniqueid text not null,
  acctsessionid text not null,
  tenant_id bigint not null,
  operator_id bigint not null,
  router_id bigint not null,
  customer_id bigint,
  username text not null,
  nasipaddress inet not null,
  acctstarttime timestamptz,
  acctupdatetime timestamptz not null,
  acctstoptime timestamptz,
  acctsessiontime bigint not null default 0,
  -- octets as the router counts them: in is the customer's upload
  acctinputoctets bigint not null default 0,
  acctoutputoctets bigint not null default 0,
  callingstationid text,
  framedipaddress inet,
  acctterminatecause text,
  -- two providers' routers may number their sessions alike
  constraint radacct_session unique (tenant_id, acctuniqueid)
);
create index radacct_customer_id on radacct (customer_id, acctupdatetime desc);
create index radacct_open on radacct (router_id, acctupdatetime) where acctstoptime is null;

alter table radpostauth enable row level security;
create policy reach on radpostauth using (operator_id = any ((select reach())::bigint[]));
alter table router_heard enable row level security;
create policy reach on router_heard using (operator_id = any ((select reach())::bigint[]));
alter table radacct enable row level security;
create policy reach on radacct using (operator_id = any ((select reach())::bigint[]));
grant select on radpostauth, router_heard, radacct to demarc_super_admin, demarc_admin;

reset role;
create schema radius authorization demarc_owner;
set role demarc_owner;

-- A MAC in any notation as aa:bb:cc:dd:ee:ff; also a DHCP client id, whose octets RouterOS writes without their leading
-- zeros (1:8:0:27:a:b:c). None if it is not one.
create function radius.fold_mac(text_given text) returns text
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  given text := lower(btrim(text_given));
  octets text[] := string_to_array(given, ':');
  digits text;
begin
  if array_length(octets, 1) = 7 and octets[1] = '1' then
    octets := octets[2:];
    select string_agg(lpad(octet, 2, '0'), '' order by n) into digits from unnest(octets) with ordinality o (octet, n);
  else
    digits := translate(given, ':-.', '');
  end if;
  if digits ~ '^[0-9a-f]{12}$' then
    return regexp_replace(digits, '(..)(..)(..)(..)(..)(..)', '\1:\2:\3:\4:\5:\6');
  end if;
  return null;
end
$$;

-- What a number as people type it may be in E.164: international with + or 00 or neither, or national with or without
-- the leading zero (some countries keep it, some have none).
create function radius.fold_mobile(text_given text, calling_code text) returns text[]
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case
    when digits ~ '^\+[0-9]{6,15}$' then array[digits]
    when digits ~ '^[0-9]{5,17}$' then array[
      '+' || digits,
      '+' || calling_code || digits,
      '+' || calling_code || regexp_replace(digits, '^0', ''),
      '+' || regexp_replace(digits, '^00', '')
    ]
    else array[]::text[]
  end
  from (
    select translate(
      regexp_replace(text_given, '[\s().-]', '', 'g'),
      '০১২৩৪৫৬৭৮৯٠١٢٣٤٥٦٧٨٩', '01234567890123456789'
    ) as digits
  ) given
$$;

create type radius.decision as (
  -- as in the domain's list of verdicts
  verdict text,
  tenant_id bigint,
  operator_id bigint,
  router_id bigint,
  customer_id bigint,
  package_id bigint,
  kind text,
  secret text
);

-- The decision, in one place: FreeRADIUS, the record of attempts, and whoever explains a refusal all ask here.
-- Whether the password matches is FreeRADIUS's to say. Cost: four look-ups by unique index.
create function radius.decide(client inet, user_name text, calling_station_id text) returns radius.decision
language plpgsql stable security definer set search_path = demarc, pg_temp as $$
declare
  d radius.decision;
  policy text;
  code text;
  names text[];
  status text;
  expires_at timestamptz;
  mac text;
begin
  select r.id, r.tenant_id, r.operator_id, t.suspended_policy, t.calling_code
  into d.router_id, d.tenant_id, d.operator_id, policy, code
  from router r join tenant t on t.id = r.tenant_id
  where r.address = client;
  if not found then
    d.verdict := 'unknown_router';
    return d;
  end if;

  -- the router's tenant decides whose name this is; a name as typed goes before what it may also be
  names := array[lower(user_name), radius.fold_mac(user_name)] || radius.fold_mobile(user_name, code);
  select l.customer_id, l.operator_id, l.kind, l.secret, c.package_id, c.status, c.expires_at, l.name_folded
  into d.customer_id, d.operator_id, d.kind, d.secret, d.package_id, status, expires_at, mac
  from login l join customer c on c.id = l.customer_id
  where l.tenant_id = d.tenant_id and l.name_folded = any (names)
  order by array_position(names, l.name_folded)
  limit 1;
  if not found then
    select r.operator_id into d.operator_id from router r where r.id = d.router_id;
    d.verdict := 'unknown_user';
  elsif d.kind = 'mac' and radius.fold_mac(calling_station_id) is distinct from mac then
    d.verdict := 'wrong_device';
  elsif status = 'suspended' or expires_at is null or expires_at <= now() then
    d.verdict := case
      when policy = 'redirect' then 'redirected'
      when status = 'suspended' then 'suspended'
      else 'expired'
    end;
  else
    d.verdict := 'accepted';
  end if;
  return d;
end
$$;

-- Check items: how the log-in is to be proved, or that it is refused.
create function radius.authorize_check(client inet, user_name text, calling_station_id text)
returns table (id bigint, username text, attribute text, value text, op text)
language plpgsql stable security definer set search_path = demarc, pg_temp as $$
declare
  d radius.decision := radius.decide(client, user_name, calling_station_id);
begin
  if d.verdict in ('unknown_router', 'unknown_user') then
    return;
  elsif d.verdict not in ('accepted', 'redirected') then
    return query select 1::bigint, user_name, 'Auth-Type', 'Reject', ':=';
  elsif d.kind = 'mac' then
    -- the device is the proof: its address was compared above
    return query select 1::bigint, user_name, 'Auth-Type', 'Accept', ':=';
  else
    return query select 1::bigint, user_name, 'Cleartext-Password', d.secret, ':=';
  end if;
end
$$;

-- Reply items: what the customer gets, or why not.
create function radius.authorize_reply(client inet, user_name text, calling_station_id text)
returns table (id bigint, username text, attribute text, value text, op text)
language plpgsql stable security definer set search_path = demarc, pg_temp as $$
declare
  d radius.decision := radius.decide(client, user_name, calling_station_id);
begin
  if d.verdict = 'accepted' then
    return query
    select row_number() over (), user_name, item.attribute, item.value, ':='
    from customer c
    left join package p on p.id = c.package_id
    cross join lateral (values
      ('Mikrotik-Rate-Limit', p.rate_limit),
      ('Framed-IP-Address', host(c.address)),
      ('Framed-Pool', case when c.address is null then p.address_pool end),
      -- to the expiry in seconds; up to five minutes more, so that midnight does not end everybody at once
      ('Session-Timeout',
        least(ceil(extract(epoch from c.expires_at - now())) + c.id % 300, 31536000)::bigint::text),
      ('Acct-Interim-Interval', '300')
    ) item (attribute, value)
    where c.id = d.customer_id and demarc.is_plain(item.value);
  elsif d.verdict = 'redirected' then
    return query
    select row_number() over (), user_name, item.attribute, item.value, ':='
    from tenant t
    cross join lateral (values
      ('Mikrotik-Rate-Limit', t.suspended_rate_limit),
      ('Framed-Pool', t.suspended_pool),
      ('Mikrotik-Address-List', t.suspended_list),
      -- short, so that a payment is felt soon
      ('Session-Timeout', '300'),
      ('Acct-Interim-Interval', '300')
    ) item (attribute, value)
    where t.id = d.tenant_id and demarc.is_plain(item.value);
  elsif d.verdict in ('suspended', 'expired', 'wrong_device') then
    return query select 1::bigint, user_name, 'Reply-Message', case d.verdict
      when 'suspended' then 'This account is suspended'
      when 'expired' then 'This account has expired'
      else 'This device is not registered'
    end, ':=';
  end if;
end
$$;

-- Keeps an attempt with its reason, and that the router was heard.
create function radius.record_attempt(
  client inet, user_name text, calling_station_id text, nas_identifier text, was_accepted boolean
) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  d radius.decision := radius.decide(client, user_name, calling_station_id);
  made bigint;
begin
  if d.router_id is null then
    return 0;
  end if;
  insert into radpostauth (
    tenant_id, operator_id, router_id, customer_id, user_name, calling_station_id, nas_identifier, accepted, verdict
  ) values (
    d.tenant_id, d.operator_id, d.router_id, d.customer_id, left(user_name, 253), nullif(calling_station_id, ''),
    nullif(nas_identifier, ''), was_accepted,
    -- refused although nothing spoke against it: the password was wrong
    case when not was_accepted and d.verdict in ('accepted', 'redirected') then 'wrong_password' else d.verdict end
  ) returning id into made;
  perform radius.heard(d.router_id);
  return made;
end
$$;

-- At most one write a minute and router, or every log-in would fight for this row.
create function radius.heard(of_router_id bigint) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  insert into router_heard as h (router_id, operator_id, heard_at)
  select r.id, r.operator_id, now() from router r where r.id = of_router_id
  on conflict (router_id) do update set heard_at = excluded.heard_at
  where h.heard_at < excluded.heard_at - interval '1 minute'
$$;

-- A session's start, interim update or stop; always answered. Reports may come late, twice or out of order: counters
-- only grow, and an update that knows more of a session thought closed opens it again. A router that has restarted may
-- use an old number for a new session: it is one if it is shorter than a session that ended some time ago.
create function radius.account(
  client inet, status_type text, session_id text, user_name text, calling_station_id text,
  framed_ip_address text, session_time bigint, input_octets bigint, output_octets bigint, terminate_cause text
) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  d radius.decision := radius.decide(client, user_name, calling_station_id);
  -- not with the router's name, or renaming it would split a session
  unique_id text;
  ended radacct;
  stopped timestamptz := case when status_type = 'Stop' then now() end;
begin
  if d.router_id is null then
    return 0;
  end if;
  unique_id := md5(concat_ws(',', d.router_id, session_id, lower(user_name)));
  select * into ended from radacct
  where tenant_id = d.tenant_id and acctuniqueid = unique_id and acctstoptime is not null
  for update;
  if found and (status_type = 'Start' or session_time <= ended.acctsessiontime) and status_type <> 'Stop' then
    if ended.acctstoptime > now() - interval '5 minutes' or session_time = ended.acctsessiontime then
      return 1;
    end if;
    update radacct set acctuniqueid = acctuniqueid || '-' || radacctid where radacctid = ended.radacctid;
  end if;
  insert into radacct as s (
    acctuniqueid, acctsessionid, tenant_id, operator_id, router_id, customer_id, username, nasipaddress,
    acctstarttime, acctupdatetime, acctstoptime, acctsessiontime, acctinputoctets, acctoutputoctets,
    callingstationid, framedipaddress, acctterminatecause
  ) values (
    unique_id, session_id, d.tenant_id, d.operator_id, d.router_id, d.customer_id, left(user_name, 253), client,
    now() - make_interval(secs => session_time), now(), stopped, session_time, input_octets, output_octets,
    nullif(calling_station_id, ''), nullif(framed_ip_address, '')::inet, nullif(terminate_cause, '')
  )
  on conflict on constraint radacct_session do update set
    acctupdatetime = excluded.acctupdatetime,
    acctstoptime = excluded.acctstoptime,
    acctsessiontime = greatest(s.acctsessiontime, excluded.acctsessiontime),
    acctinputoctets = greatest(s.acctinputoctets, excluded.acctinputoctets),
    acctoutputoctets = greatest(s.acctoutputoctets, excluded.acctoutputoctets),
    framedipaddress = coalesce(excluded.framedipaddress, s.framedipaddress),
    acctterminatecause = excluded.acctterminatecause;
  perform radius.heard(d.router_id);
  return 1;
end
$$;

-- The shared secret of a router that speaks for the first time; none for a stranger.
create function radius.client_secret(client inet) returns text
language sql stable security definer set search_path = demarc, pg_temp as $$
  select secret from router where address = client
$$;

create function radius.client_name(client inet) returns text
language sql stable security definer set search_path = demarc, pg_temp as $$
  select 'router-' || id from router where address = client
$$;

-- The standard names, as views. User names are unique within a tenant, so each has the tenant beside it.
create view radius.radcheck as
  select l.id, l.name as username, 'Cleartext-Password' as attribute, ':=' as op, l.secret as value, l.tenant_id
  from demarc.login l where l.secret is not null;
create view radius.radreply as
  select l.id, l.name as username, 'Framed-IP-Address' as attribute, ':=' as op, host(c.address) as value, l.tenant_id
  from demarc.login l join demarc.customer c on c.id = l.customer_id where c.address is not null;
create view radius.radusergroup as
  select l.id, l.name as username, p.name as groupname, 1 as priority, l.tenant_id
  from demarc.login l join demarc.customer c on c.id = l.customer_id join demarc.package p on p.id = c.package_id;
create view radius.radgroupcheck as
  select null::bigint as id, null::text as groupname, null::text as attribute, null::text as op, null::text as value,
    null::bigint as tenant_id
  where false;
create view radius.radgroupreply as
  select p.id, p.name as groupname, item.attribute, ':=' as op, item.value, p.tenant_id
  from demarc.package p
  cross join lateral (values ('Mikrotik-Rate-Limit', p.rate_limit), ('Framed-Pool', p.address_pool))
    item (attribute, value)
  where item.value is not null;
create view radius.nas as
  select r.id, host(r.address) as nasname, r.nas_identifier as shortname, 'mikrotik' as type, null::integer as ports,
    r.secret, null::text as server, null::text as community, r.name as description, r.tenant_id
  from demarc.router r;

create view radius.radacct as select * from demarc.radacct;
create view radius.radpostauth as
  select p.id, p.user_name as username, case when p.accepted then 'Access-Accept' else 'Access-Reject' end as reply,
    p.at as authdate, p.calling_station_id as callingstationid, p.verdict, p.tenant_id
  from demarc.radpostauth p;

grant usage on schema radius to demarc_radius, demarc_radius_reader;
grant execute on function
  radius.authorize_check(inet, text, text),
  radius.authorize_reply(inet, text, text),
  radius.record_attempt(inet, text, text, text, boolean),
  radius.account(inet, text, text, text, text, text, bigint, bigint, bigint, text),
  radius.client_secret(inet),
  radius.client_name(inet)
  to demarc_radius;
grant select on all tables in schema radius to demarc_radius_reader;
