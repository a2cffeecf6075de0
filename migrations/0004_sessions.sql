-- Sessions, devices, and what is left of a volume or of hours.
-- Accounting is an upsert that is always answered: reports come late, twice, out of order, or never.

-- Called for every value of every log-in, so it must be inlined: no setting of its own, every operator by its full name.
create or replace function is_plain(value text) returns boolean
language sql immutable as $$
  select value operator(pg_catalog.!~) '[`"''\\%{}$]'
$$;

-- Devices: the MAC addresses of a customer.

create table device (
  id bigint generated always as identity primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  customer_id bigint not null,
  -- folded: aa:bb:cc:dd:ee:ff
  mac text not null check (mac ~ '^[0-9a-f]{2}(:[0-9a-f]{2}){5}$'),
  is_primary boolean not null default false,
  -- "Rahim's phone"
  name text not null default '' check (char_length(name) <= 100),
  created_at timestamptz not null default now(),
  foreign key (customer_id, operator_id, tenant_id)
    references customer (id, operator_id, tenant_id) on update cascade on delete cascade,
  constraint device_mac unique (customer_id, mac),
  unique (id, customer_id)
);
create unique index device_primary on device (customer_id) where is_primary;
create index device_of_tenant on device (tenant_id, mac);
create trigger audit after insert or update or delete on device for each row execute function audit_change();
alter table device enable row level security;
create policy reach on device using (operator_id = any ((select reach())::bigint[]));
grant select, insert, update, delete on device to demarc_super_admin, demarc_admin;

-- log-in only from one of the devices, once there is one
alter table customer add devices_only boolean not null default false;
grant insert (devices_only), update (devices_only) on customer to demarc_super_admin, demarc_admin;

-- A device of a hotspot or static-IP customer is a log-in of its own.
alter table login
  add device_id bigint,
  add foreign key (device_id, customer_id) references device (id, customer_id) on delete cascade;
insert into device (tenant_id, operator_id, customer_id, mac, is_primary, created_at)
  select tenant_id, operator_id, customer_id, radius.fold_mac(name_folded), true, created_at
  from login where kind = 'mac' and radius.fold_mac(name_folded) is not null;
-- one that is none can never have logged in
delete from login where kind = 'mac' and radius.fold_mac(name_folded) is null;
update login l set device_id = d.id from device d where l.kind = 'mac' and d.customer_id = l.customer_id;
alter table login
  drop constraint login_kind,
  add constraint login_device check ((kind = 'mac') = (device_id is not null));
create unique index login_kind on login (customer_id, kind) where kind <> 'mac';
create index login_customer_id on login (customer_id);
create index login_device_id on login (device_id) where device_id is not null;
grant select (device_id) on login to demarc_super_admin, demarc_admin;

-- Limits.

-- Simultaneous-Use: how many sessions at once; none is any number
alter table package add max_sessions integer check (max_sessions between 1 and 1000);

-- What a customer has used since the last recharge. What is left is what the package gives, and what was left over when
-- a recharge came early, less what was used. Rewritten with every report of a session, so pages keep room for that.
create table quota (
  customer_id bigint primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  since timestamptz not null default now(),
  bytes bigint not null default 0,
  seconds bigint not null default 0,
  carried_bytes bigint not null default 0,
  carried_seconds bigint not null default 0,
  foreign key (customer_id, operator_id, tenant_id)
    references customer (id, operator_id, tenant_id) on update cascade on delete cascade
) with (fillfactor = 70);
alter table quota enable row level security;
create policy reach on quota using (operator_id = any ((select reach())::bigint[]));
grant select on quota to demarc_super_admin, demarc_admin;

insert into quota (customer_id, tenant_id, operator_id) select id, tenant_id, operator_id from customer;

-- What a customer moved in a day of the provider's time zone; it stays when sessions are forgotten.
create table usage_day (
  customer_id bigint not null,
  day date not null,
  tenant_id bigint not null,
  operator_id bigint not null,
  upload bigint not null default 0,
  download bigint not null default 0,
  seconds bigint not null default 0,
  primary key (customer_id, day),
  foreign key (customer_id, operator_id, tenant_id)
    references customer (id, operator_id, tenant_id) on update cascade on delete cascade
) with (fillfactor = 70);
-- finds what is old enough to be forgotten
create index usage_day_day on usage_day (day);
alter table usage_day enable row level security;
create policy reach on usage_day using (operator_id = any ((select reach())::bigint[]));
grant select on usage_day to demarc_super_admin, demarc_admin;

-- A payment that renews begins a new quota: what an unexpired one had left is carried over.
create function quota_renewed(of_customer_id bigint, expired boolean) returns void
language sql set search_path = demarc, pg_temp as $$
  insert into quota as q (customer_id, tenant_id, operator_id)
  select c.id, c.tenant_id, c.operator_id from customer c where c.id = of_customer_id
  on conflict (customer_id) do update set
    since = now(), bytes = 0, seconds = 0,
    carried_bytes = case when expired then 0 else coalesce((
      select greatest(0, p.volume_bytes + q.carried_bytes - q.bytes)
      from customer c join package p on p.id = c.package_id where c.id = of_customer_id
    ), 0) end,
    carried_seconds = case when expired then 0 else coalesce((
      select greatest(0, p.hours * 3600::bigint + q.carried_seconds - q.seconds)
      from customer c join package p on p.id = c.package_id where c.id = of_customer_id
    ), 0) end
$$;

create or replace function record_payment(
  of_customer_id bigint, with_amount bigint, by_method text, with_reference text, with_request_id uuid, renews boolean
) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  payer customer;
  billed bill;
  bought package;
  zone_of_time text;
  payer_before bigint;
begin
  -- the lock makes two payments at once follow each other, each from the other's expiry
  select * into payer from customer where id = of_customer_id and operator_id = any (reach()) for no key update;
  if not found then
    return false;
  end if;
  select done.customer_id into payer_before
  from (
    select b.customer_id from bill b where b.tenant_id = payer.tenant_id and b.request_id = with_request_id
    union
    select p.customer_id from payment p where p.tenant_id = payer.tenant_id and p.request_id = with_request_id
  ) done;
  if found then
    if payer_before <> of_customer_id then
      raise exception 'this request paid for another customer' using errcode = 'DM002';
    end if;
    return true;
  end if;
  if renews then
    if payer.package_id is null then
      raise exception 'this customer has no package' using errcode = 'DM001';
    end if;
    select * into bought from package where id = payer.package_id;
    select time_zone into zone_of_time from tenant where id = payer.tenant_id;
    insert into bill (
      tenant_id, operator_id, customer_id, package_id, package_name, amount, period_from, period_to, request_id
    ) values (
      payer.tenant_id, payer.operator_id, payer.id, bought.id, bought.name, bought.price,
      greatest(payer.expires_at, now()), next_expiry(payer.expires_at, bought.validity_days, zone_of_time),
      with_request_id
    ) returning * into billed;
    perform quota_renewed(payer.id, payer.expires_at is null or payer.expires_at <= now());
  end if;
  if with_amount > 0 then
    insert into payment (tenant_id, operator_id, customer_id, bill_id, amount, method, reference, request_id)
    values (payer.tenant_id, payer.operator_id, payer.id, billed.id, with_amount, by_method, with_reference,
      with_request_id);
  end if;
  update customer
  set expires_at = coalesce(billed.period_to, expires_at),
    balance = balance + with_amount - coalesce(billed.amount, 0),
    version = version + 1
  where id = payer.id;
  return true;
end
$$;

-- Attempts and sessions keep what was given.

alter table router
  -- where Disconnect and CoA go (RFC 5176); RouterOS: /radius incoming
  add coa_port integer not null default 3799 check (coa_port between 1 and 65535);
grant select (coa_port) on router to demarc_super_admin, demarc_admin;

alter table radpostauth
  -- pppoe, hotspot, dhcp, vpn; test is our own
  add service text,
  -- none: it was not asked for
  add password_matched boolean,
  -- how near a wrong password was: it differs in case, or in blanks around it
  add near_miss text check (near_miss in ('case', 'blanks')),
  -- the Class that was given, which leads to the session
  add class text,
  add rate_limit text,
  add framed_pool text,
  add address_list text,
  -- in seconds
  add session_timeout bigint,
  -- in bytes
  add total_limit bigint;
-- every log-in writes here: what nobody looks up has no index
drop index radpostauth_tenant_id;
-- but for the newest log-in that was let in, among the thousands of one whose device has a wrong password
create index radpostauth_accepted on radpostauth (customer_id, id desc)
  where accepted and service is distinct from 'test';

-- Nothing that an interim update changes is in an index, so that it writes one row and no index.
drop index radacct_customer_id, radacct_open;
alter table radacct
  add service text,
  -- folded calling station
  add mac text,
  add nas_identifier text,
  add called_station_id text,
  add nas_port_id text,
  add class text,
  -- what was given at log-in, or by CoA since then
  add rate_limit text,
  add framed_pool text,
  add address_list text,
  add session_timeout bigint,
  add total_limit bigint,
  -- Acct-Interim-Interval in seconds; twice that without a report is stale
  add interim_interval integer not null default 300,
  -- what moved between the last two reports, and in which time
  add recent_octets bigint,
  add recent_seconds bigint;
alter table radacct set (fillfactor = 60);
create index radacct_customer_id on radacct (customer_id, radacctid desc);
create index radacct_by_start on radacct (operator_id, radacctid);
-- each says `is not null` of its own column, so that it is never taken for a question about another: while few sessions are
-- open, reading all of them looks cheap, and a plan made then is kept
create index radacct_customer_open on radacct (customer_id) where acctstoptime is null and customer_id is not null;
create index radacct_router_open on radacct (router_id) where acctstoptime is null and router_id is not null;
create index radacct_open_by_start on radacct (operator_id, radacctid)
  where acctstoptime is null and operator_id is not null;
create index radacct_stopped on radacct (acctstoptime) where acctstoptime is not null;

-- Whether a session without a stop is fresh: a report within two intervals.
create function is_fresh(updated_at timestamptz, interim_interval integer) returns boolean
language sql stable as $$
  select updated_at operator(pg_catalog.>)
    (pg_catalog.now() operator(pg_catalog.-) pg_catalog.make_interval(secs => 2 operator(pg_catalog.*) interim_interval))
$$;
grant execute on function is_fresh(timestamptz, integer) to demarc_super_admin, demarc_admin;

-- The decision.
-- Functions that FreeRADIUS, staff or demarcd may call have the owner's rights and a search path of their own. Those that
-- only such functions call have neither: a search path that is set for every call costs more than what they do.
alter function radius.fold_mac(text) reset search_path;
alter function radius.fold_mobile(text, text) reset search_path;

drop function radius.authorize_check(inet, text, text), radius.authorize_reply(inet, text, text),
  radius.record_attempt(inet, text, text, text, boolean),
  radius.account(inet, text, text, text, text, text, bigint, bigint, bigint, text),
  radius.decide(inet, text, text);
drop type radius.decision;

create type radius.decision as (
  -- as in the domain's list of verdicts
  verdict text,
  tenant_id bigint,
  operator_id bigint,
  router_id bigint,
  customer_id bigint,
  package_id bigint,
  -- of the log-in
  kind text,
  secret text,
  -- the facts that it was decided from
  suspended_policy text,
  status text,
  expires_at timestamptz,
  -- folded calling station
  mac text,
  -- none: any device may log in
  device_known boolean,
  -- none: no limit
  bytes_left bigint,
  seconds_left bigint,
  -- fresh sessions other than of this device; counted only if there is a limit
  other_sessions integer,
  max_sessions integer
);

-- Whose name this is, in one tenant, and whether it may log in now. Whether the password matches is FreeRADIUS's to say.
-- FreeRADIUS, the record of attempts, live changes and whoever explains a refusal all ask here.
-- `throughout` finds out every fact; otherwise it stops at the first that refuses.
-- Cost: five look-ups by unique index; one more for devices, and the open sessions of one customer, where they matter.
-- The plan is always the same one, and making it takes longer than carrying it out: it is made once.
create function radius.examine(
  of_tenant_id bigint, user_name text, calling_station_id text, throughout boolean
) returns radius.decision
language plpgsql stable as $$
declare
  d radius.decision;
  code text;
  names text[];
  of_device text;
  only_devices boolean;
  refused text;
begin
  d.tenant_id := of_tenant_id;
  d.mac := radius.fold_mac(calling_station_id);
  select t.suspended_policy, t.calling_code into d.suspended_policy, code from tenant t where t.id = of_tenant_id;
  -- a name as typed goes before what it may also be
  names := array[lower(user_name)];
  if user_name ~ '^[0-9A-Fa-f:. -]{12,}$' then
    names := names || radius.fold_mac(user_name);
  end if;
  if user_name ~ '^[+(0-9০-৯٠-٩]' then
    names := names || radius.fold_mobile(user_name, code);
  end if;
  select l.customer_id, l.operator_id, l.kind, l.secret, l.name_folded, c.package_id, c.status, c.expires_at,
    c.devices_only, p.max_sessions,
    p.volume_bytes + coalesce(q.carried_bytes - q.bytes, 0),
    p.hours * 3600::bigint + coalesce(q.carried_seconds - q.seconds, 0)
  into d.customer_id, d.operator_id, d.kind, d.secret, of_device, d.package_id, d.status, d.expires_at,
    only_devices, d.max_sessions, d.bytes_left, d.seconds_left
  from login l
  join customer c on c.id = l.customer_id
  left join package p on p.id = c.package_id
  left join quota q on q.customer_id = c.id
  where l.tenant_id = of_tenant_id and l.name_folded = any (names)
  order by array_position(names, l.name_folded)
  limit 1;
  if not found then
    d.verdict := 'unknown_user';
    return d;
  end if;

  if d.kind = 'mac' then
    d.device_known := d.mac is not distinct from of_device;
  elsif only_devices then
    -- while none is registered, there is nothing to hold it against; a device that the router does not name is none of them
    select coalesce(bool_or(mac = d.mac), false) into d.device_known
    from device where customer_id = d.customer_id having count(*) > 0;
  end if;

  refused := case
    when d.device_known = false then 'wrong_device'
    when d.status = 'suspended' then case d.suspended_policy when 'redirect' then 'redirected' else 'suspended' end
    when d.expires_at is null or d.expires_at <= now()
      then case d.suspended_policy when 'redirect' then 'redirected' else 'expired' end
    when d.bytes_left <= 0 then 'volume_used'
    when d.seconds_left <= 0 then 'hours_used'
  end;
  if d.max_sessions is not null and (refused is null or throughout) then
    -- a device replaces its own session, wherever that was
    select count(*) into d.other_sessions from radacct s
    where s.customer_id = d.customer_id and s.acctstoptime is null
      and is_fresh(s.acctupdatetime, s.interim_interval)
      and (s.mac is null or s.mac is distinct from d.mac);
    if refused is null and d.other_sessions >= d.max_sessions then
      refused := 'already_logged_in';
    end if;
  end if;
  d.verdict := coalesce(refused, 'accepted');
  return d;
end
$$;

-- The same for a router, known by the address that it speaks from: its tenant decides whose name it is.
create function radius.decide(client inet, user_name text, calling_station_id text) returns radius.decision
language plpgsql stable as $$
declare
  d radius.decision;
  asking router;
begin
  select * into asking from router where address = client;
  if not found then
    d.verdict := 'unknown_router';
    return d;
  end if;
  d := radius.examine(asking.tenant_id, user_name, calling_station_id, false);
  d.router_id := asking.id;
  d.operator_id := coalesce(d.operator_id, asking.operator_id);
  return d;
end
$$;

-- What a log-in that is let in gets. Zero would be *no* limit to a router, so it never is.
create type radius.grant_items as (
  rate_limit text,
  framed_ip_address text,
  framed_pool text,
  address_list text,
  -- seconds
  session_timeout bigint,
  -- bytes
  total_limit bigint
);

create function radius.grant_of(
  of_customer_id bigint, redirected boolean, bytes_left bigint, seconds_left bigint
) returns radius.grant_items
language plpgsql stable as $$
declare
  given radius.grant_items;
begin
  if redirected then
    -- a payment ends the session by itself; not all of those who are cut off come back in the same minute
    select t.suspended_rate_limit, null, t.suspended_pool, t.suspended_list, 3600 + c.id % 300, null into given
    from customer c join tenant t on t.id = c.tenant_id where c.id = of_customer_id;
  else
    select p.rate_limit, host(c.address), case when c.address is null then p.address_pool end, null,
      greatest(1, least(
        -- to the expiry; up to five minutes more, so that midnight does not end everybody at once
        ceil(extract(epoch from c.expires_at - now()))::bigint + c.id % 300, seconds_left, 31536000)),
      case when bytes_left is not null then greatest(1, bytes_left) end
    into given
    from customer c left join package p on p.id = c.package_id where c.id = of_customer_id;
  end if;
  return given;
end
$$;

-- Check items: how the log-in is to be proved, and what was decided. A refusal that was decided still has the password
-- compared, so that the record says both; the refusal follows in post-auth. What was decided travels with the request,
-- or a suspension between two queries would let somebody in without a limit.
create function radius.authorize_check(client inet, user_name text, calling_station_id text)
returns table (id bigint, username text, attribute text, value text, op text)
language plpgsql stable security definer set search_path = demarc, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  d radius.decision := radius.decide(client, user_name, calling_station_id);
begin
  if d.verdict = 'unknown_router' then
    return;
  end if;
  return query select 1::bigint, user_name, 'Demarc-Decision',
    concat_ws(' ', d.verdict, coalesce(d.customer_id, 0), coalesce(d.bytes_left::text, '-'),
      coalesce(d.seconds_left::text, '-')), ':=';
  if d.verdict = 'unknown_user' then
    return query select 2::bigint, user_name, 'Auth-Type', 'Reject', ':=';
  elsif d.kind = 'mac' then
    -- the device is the proof: its address was compared
    return query select 2::bigint, user_name, 'Auth-Type',
      case when d.verdict in ('accepted', 'redirected') then 'Accept' else 'Reject' end, ':=';
  else
    return query select 2::bigint, user_name, 'Cleartext-Password', d.secret, ':=';
  end if;
end
$$;

-- Reply items for what was decided: what the customer gets, or why not.
create function radius.authorize_reply(user_name text, decision text)
returns table (id bigint, username text, attribute text, value text, op text)
language plpgsql stable security definer set search_path = demarc, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  part text[] := string_to_array(decision, ' ');
  given radius.grant_items;
begin
  if part[1] in ('accepted', 'redirected') then
    given := radius.grant_of(part[2]::bigint, part[1] = 'redirected', nullif(part[3], '-')::bigint,
      nullif(part[4], '-')::bigint);
    return query
    select row_number() over (), user_name, item.attribute, item.value, ':='
    from (values
      ('Class', '0x' || replace(gen_random_uuid()::text, '-', '')),
      ('Mikrotik-Rate-Limit', given.rate_limit),
      ('Framed-IP-Address', given.framed_ip_address),
      ('Framed-Pool', given.framed_pool),
      ('Mikrotik-Address-List', given.address_list),
      ('Session-Timeout', given.session_timeout::text),
      -- the low word may not be zero either
      ('Mikrotik-Total-Limit',
        case when given.total_limit is not null then greatest(1, given.total_limit & x'ffffffff'::bigint)::text end),
      ('Mikrotik-Total-Limit-Gigawords', nullif(given.total_limit >> 32, 0)::text),
      ('Acct-Interim-Interval', '300')
    ) item (attribute, value)
    where demarc.is_plain(item.value);
  elsif part[1] <> 'unknown_user' then
    return query select 1::bigint, user_name, 'Reply-Message', case part[1]
      when 'suspended' then 'This account is suspended'
      when 'expired' then 'This account has expired'
      when 'wrong_device' then 'This device is not registered'
      when 'volume_used' then 'The data volume is used up'
      when 'hours_used' then 'The hours are used up'
      else 'This account is logged in elsewhere'
    end, ':=';
  end if;
end
$$;

-- At most one write a minute and router; looked at first, as an upsert locks the row even where it changes nothing.
create or replace function radius.heard(of_router_id bigint) returns void
language plpgsql as $$
begin
  if not exists (
    select from router_heard where router_id = of_router_id and heard_at > now() - interval '1 minute'
  ) then
    insert into router_heard as h (router_id, operator_id, heard_at)
    select r.id, r.operator_id, now() from router r where r.id = of_router_id
    on conflict (router_id) do update set heard_at = excluded.heard_at where h.heard_at < excluded.heard_at;
  end if;
end
$$;

-- What a router wrote, from its octets in hexadecimal: UTF-8, or else whatever code page WinBox wrote it in, of which
-- nothing tells us more than that it is one octet a letter. Octets of zero are no letters.
create function radius.text_of(octets text) returns text
language plpgsql immutable as $$
begin
  -- ASCII, as nearly always
  if octets ~ '^([2-7][0-9a-f])*$' then
    return convert_from(decode(octets, 'hex'), 'UTF8');
  end if;
  begin
    return convert_from(decode(octets, 'hex'), 'UTF8');
  exception when character_not_in_repertoire or untranslatable_character or invalid_parameter_value then
    return (
      select coalesce(string_agg(convert_from(decode(pair[1], 'hex'), 'LATIN1'), ''), '')
      from regexp_matches(octets, '[0-9a-f]{2}', 'g') pair where pair[1] <> '00'
    );
  end;
end
$$;

-- Which of a router's services asks, told by what it sends along (RouterOS 6.49 to 7.24).
create function radius.service_of(
  for_test text, framed_protocol text, nas_port_type text, host_ip text, user_name text
) returns text
language plpgsql immutable as $$
begin
  return case
    when for_test <> '' then 'test'
    when framed_protocol = 'PPP' then case nas_port_type when 'Virtual' then 'vpn' else 'pppoe' end
    when host_ip <> '' or nas_port_type = 'Wireless-802.11' then 'hotspot'
    when radius.fold_mac(user_name) is not null then 'dhcp'
  end;
end
$$;

-- Keeps an attempt with its reason and with what was given, and that the router was heard. A name that nobody has, but
-- for its blanks, is kept with the customer who is meant.
create function radius.record_attempt(
  client inet, user_name text, decision text, was_accepted boolean, matched text, near text,
  calling_station_id text, nas_identifier text, service text,
  class text, rate_limit text, framed_pool text, address_list text, session_timeout text, total_limit bigint
) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  found_verdict text := coalesce(nullif(split_part(decision, ' ', 1), ''), 'unknown_user');
  of_customer_id bigint := nullif(split_part(decision, ' ', 2), '')::bigint;
  asking bigint;
  made bigint;
begin
  if found_verdict = 'unknown_user' and user_name ~ '\s' then
    select l.customer_id into of_customer_id from login l join router r on r.tenant_id = l.tenant_id
    where r.address = client and l.name_folded = lower(regexp_replace(user_name, '\s', '', 'g'));
  elsif not was_accepted and found_verdict in ('accepted', 'redirected') then
    -- refused although nothing spoke against it
    found_verdict := 'wrong_password';
  end if;
  insert into radpostauth (
    tenant_id, operator_id, router_id, customer_id, user_name, calling_station_id, nas_identifier, accepted, verdict,
    service, password_matched, near_miss, class, rate_limit, framed_pool, address_list, session_timeout, total_limit
  )
  select r.tenant_id, coalesce(c.operator_id, r.operator_id), r.id, c.id, left(record_attempt.user_name, 253),
    nullif(record_attempt.calling_station_id, ''), nullif(record_attempt.nas_identifier, ''), was_accepted,
    found_verdict, record_attempt.service, nullif(matched, '')::boolean, nullif(near, ''),
    case when was_accepted then nullif(record_attempt.class, '') end, nullif(record_attempt.rate_limit, ''),
    nullif(record_attempt.framed_pool, ''), nullif(record_attempt.address_list, ''),
    nullif(record_attempt.session_timeout, '')::bigint, nullif(record_attempt.total_limit, 0)
  from router r left join customer c on c.id = of_customer_id
  where r.address = client
  returning id, router_id into made, asking;
  if asking is not null then
    perform radius.heard(asking);
  end if;
  return coalesce(made, 0);
end
$$;

-- Accounting.

-- A session's start, interim update or stop. A session is known by the Class that it was given (RFC 2865 section 5.25)
-- and the router's number for it, so neither a renamed router nor a number that is used again mixes sessions up; without
-- a Class, by router, number and name. Counters only grow, so a report that comes twice or late changes nothing, and one
-- that knows more of a session thought closed opens it again. Times are this server's: a router's clock is not asked.
-- Cost: an interim update looks up router, session, customer and package, and writes three rows, no index.
create function radius.account(
  client inet, status_type text, with_class text, session_id text, user_name text, calling_station_id text,
  called_station text, nas_identifier_given text, port_id text, service_given text, framed_ip_address text,
  session_time bigint, input_octets bigint, output_octets bigint, terminate_cause text, delay_time bigint
) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  asking router;
  -- when the router wrote it; a report may have waited there
  at timestamptz := now() - make_interval(secs => least(greatest(delay_time, 0), 86400));
  given_class text := case when with_class ~ '^0x[0-9a-f]{32}$' then with_class end;
  unique_id text;
  s radacct;
  is_new boolean := false;
  d radius.decision;
  given radpostauth;
  more_in bigint;
  more_out bigint;
  more_seconds bigint;
  -- ten years
  most_seconds constant bigint := 315576000;
  stopped timestamptz := case when status_type = 'Stop' then at end;
begin
  select * into asking from router where address = client;
  if not found then
    return 0;
  end if;
  unique_id := case when given_class is not null then given_class || ':' || session_id
    else md5(concat_ws(',', asking.id, session_id, lower(user_name))) end;

  select * into s from radacct where tenant_id = asking.tenant_id and acctuniqueid = unique_id for update;
  if found and s.acctstoptime is not null and status_type <> 'Stop'
    and (status_type = 'Start' or session_time <= s.acctsessiontime) then
    -- a late report of a session that has ended; but without a Class, a router that has restarted may use an old number
    -- for a new session
    if given_class is not null or s.acctstoptime > now() - interval '5 minutes' or session_time = s.acctsessiontime then
      perform radius.heard(asking.id);
      return 1;
    end if;
    update radacct set acctuniqueid = acctuniqueid || '-' || radacctid where radacctid = s.radacctid;
    s := null;
  end if;

  if s.radacctid is null then
    d := radius.examine(asking.tenant_id, user_name, calling_station_id, false);
    -- one of the customer's newest
    select * into given from radpostauth
    where customer_id = d.customer_id and class = given_class and tenant_id = asking.tenant_id
    order by id desc limit 1;
    insert into radacct (
      acctuniqueid, acctsessionid, tenant_id, operator_id, router_id, customer_id, username, nasipaddress,
      acctstarttime, acctupdatetime, callingstationid, mac, service, nas_identifier, called_station_id, nas_port_id,
      class, rate_limit, framed_pool, address_list, session_timeout, total_limit
    ) values (
      unique_id, session_id, asking.tenant_id, coalesce(d.operator_id, asking.operator_id), asking.id, d.customer_id,
      left(user_name, 253), client, at - make_interval(secs => least(session_time, most_seconds)), at,
      nullif(calling_station_id, ''), radius.fold_mac(calling_station_id), coalesce(service_given, given.service),
      nullif(nas_identifier_given, ''), nullif(called_station, ''), nullif(port_id, ''),
      given_class, given.rate_limit, given.framed_pool, given.address_list, given.session_timeout, given.total_limit
    )
    on conflict on constraint radacct_session do nothing
    returning * into s;
    is_new := found;
    if not is_new then
      -- the same report came by two ways at once
      select * into s from radacct where tenant_id = asking.tenant_id and acctuniqueid = unique_id for update;
    end if;
  end if;

  more_seconds := least(greatest(0, session_time - s.acctsessiontime), most_seconds);
  -- more than 100 Gbit/s is no customer's: a counter that a router got wrong must not stay with the customer for ever
  more_in := greatest(0, input_octets - s.acctinputoctets);
  more_out := greatest(0, output_octets - s.acctoutputoctets);
  if greatest(more_in, more_out) > least(greatest(more_seconds, 3600), 3456000) * 12500000000 then
    more_in := 0;
    more_out := 0;
  end if;
  update radacct set
    acctupdatetime = greatest(acctupdatetime, at),
    -- one that was closed without a stop, such as by its device's next session, learns here how it ended; a stop that
    -- comes twice says nothing new
    acctstoptime = case
      when stopped is not null and (acctstoptime is null or acctterminatecause in ('Lost-Stop', 'NAS-Reboot')) then stopped
      when stopped is null and session_time > acctsessiontime then null
      else acctstoptime end,
    acctsessiontime = acctsessiontime + more_seconds,
    acctinputoctets = acctinputoctets + more_in,
    acctoutputoctets = acctoutputoctets + more_out,
    framedipaddress = coalesce(nullif(framed_ip_address, '')::inet, framedipaddress),
    nas_identifier = coalesce(nullif(nas_identifier_given, ''), nas_identifier),
    acctterminatecause = case when stopped is not null then nullif(terminate_cause, '')
      when session_time > acctsessiontime then null else acctterminatecause end,
    recent_octets = case when more_seconds > 0 then more_in + more_out else recent_octets end,
    recent_seconds = case when more_seconds > 0 then more_seconds else recent_seconds end
  where radacctid = s.radacctid;

  if s.customer_id is not null then
    if is_new and s.mac is not null and stopped is null then
      -- a device has one session of a kind: the one before has ended, whether or not its stop will come
      update radacct set acctstoptime = acctupdatetime, acctterminatecause = 'Lost-Stop'
      where customer_id = s.customer_id and acctstoptime is null and mac = s.mac and radacctid <> s.radacctid
        and acctstarttime <= s.acctstarttime and service is not distinct from s.service;
    end if;
    if more_in > 0 or more_out > 0 or more_seconds > 0 then
      insert into usage_day as u (customer_id, day, tenant_id, operator_id, upload, download, seconds)
      select s.customer_id, (at at time zone t.time_zone)::date, c.tenant_id, c.operator_id, more_in, more_out,
        more_seconds
      from customer c join tenant t on t.id = c.tenant_id where c.id = s.customer_id
      on conflict (customer_id, day) do update set
        upload = u.upload + excluded.upload, download = u.download + excluded.download,
        seconds = u.seconds + excluded.seconds;
      insert into quota as q (customer_id, tenant_id, operator_id, bytes, seconds)
      select c.id, c.tenant_id, c.operator_id, more_in + more_out, more_seconds
      from customer c where c.id = s.customer_id
      on conflict (customer_id) do update set
        bytes = q.bytes + excluded.bytes, seconds = q.seconds + excluded.seconds;
    end if;
    if stopped is null then
      perform radius.enforce(s);
    end if;
  end if;
  perform radius.heard(asking.id);
  return 1;
end
$$;

-- Accounting-On or -Off (RFC 2866 section 5.1): none of its sessions goes on. RouterOS may not send it.
create function radius.account_restart(client inet) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  asking bigint;
begin
  select id into asking from router where address = client;
  if not found then
    return 0;
  end if;
  perform radius.heard(asking);
  update radacct set acctstoptime = acctupdatetime, acctterminatecause = 'NAS-Reboot'
  where router_id = asking and acctstoptime is null;
  return 1;
end
$$;

grant execute on function
  radius.authorize_check(inet, text, text),
  radius.authorize_reply(text, text),
  radius.fold_mac(text),
  radius.text_of(text),
  radius.service_of(text, text, text, text, text),
  radius.record_attempt(
    inet, text, text, boolean, text, text, text, text, text, text, text, text, text, text, bigint),
  radius.account(inet, text, text, text, text, text, text, text, text, text, text, bigint, bigint, bigint, text, bigint),
  radius.account_restart(inet)
  to demarc_radius;

drop view radius.radacct;
create view radius.radacct as select * from demarc.radacct;
grant select on radius.radacct to demarc_radius_reader;
