-- Twelve roles: who reaches which rows, and who may do what with them.
-- A reach is a set of operators: a node of the sales tree and what is beneath it. A permission is a name that grants,
-- policies, commands and screens share. Both are asked for at once: `reach('payment_take')` is whose payments a person may
-- take, and empty for whoever may take none.

-- The sales tree: the provider, its operators, their sub-operators.

alter table operator
  add name_folded text,
  add depth smallint not null default 0 check (depth between 0 and 2),
  -- closed: what it had is somebody else's now
  add closed_at timestamptz,
  add version integer not null default 1,
  add created_at timestamptz not null default now();
update operator set name_folded = lower(name);
alter table operator
  alter name_folded set not null,
  add constraint operator_place check ((depth = 0) = (parent_id is null)),
  drop constraint operator_parent_id_fkey,
  add foreign key (parent_id, tenant_id) references operator (id, tenant_id);
-- among those of one parent: whether somebody else has one of that name is nobody's business
create unique index operator_name on operator (parent_id, name_folded) where closed_at is null;

-- A name is unique where its owner can see why: within the operator, not within the tenant.
alter table zone drop constraint zone_name, add constraint zone_name unique (operator_id, name_folded);
alter table package drop constraint package_name, add constraint package_name unique (operator_id, name_folded);
alter table router drop constraint router_name, add constraint router_name unique (operator_id, name_folded);

-- operators beneath may sell it too
alter table package add for_resellers boolean not null default false;

-- People.

alter table staff
  drop constraint staff_role_check,
  add constraint staff_role_check check (role in ('developer', 'super_admin', 'admin', 'operator', 'sub_operator',
    'manager', 'accountant', 'sales_manager', 'technician', 'staff', 'card_distributor')),
  -- developers belong to no tenant
  alter tenant_id drop not null,
  alter operator_id drop not null,
  -- distributors come in through demarcd
  alter login_role drop not null,
  -- what was given by hand
  add permissions text[] not null default '{}',
  add password_set_at timestamptz not null default now(),
  add constraint staff_place check (
    (role = 'developer') = (operator_id is null) and (operator_id is null) = (tenant_id is null)),
  add constraint staff_log_in check ((role = 'card_distributor') = (login_role is null));
create index staff_operator_id on staff (operator_id);

-- A lower level manages higher ones inside its reach.
create function level_of(role text) returns integer
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case role
    when 'developer' then 0 when 'super_admin' then 10 when 'admin' then 20 when 'operator' then 30
    when 'sub_operator' then 40 when 'manager' then 50 when 'accountant' then 60 when 'sales_manager' then 70
    when 'technician' then 75 when 'staff' then 80 when 'card_distributor' then 90 when 'customer' then 100
  end
$$;

-- What each role may do.
create table role_permission (
  role text not null check (level_of(role) is not null),
  permission text not null,
  -- always; or given by hand to one person, offered ticked (preset) or not (offered)
  held text not null check (held in ('always', 'preset', 'offered')),
  primary key (role, permission)
);
insert into role_permission (role, permission, held)
select unnest(roles), permission, 'always'
from (values
  ('customer_read', array['operator', 'sub_operator', 'accountant', 'sales_manager', 'technician']),
  ('customer_write', array['operator', 'sub_operator', 'sales_manager']),
  ('customer_suspend', array['operator', 'sub_operator']),
  ('customer_password', array['operator', 'sub_operator']),
  ('payment_take', array['operator', 'sub_operator', 'sales_manager']),
  ('money_read', array['operator', 'sub_operator', 'accountant', 'sales_manager']),
  ('session_read', array['operator', 'sub_operator', 'technician']),
  ('session_change', array['operator', 'sub_operator', 'technician']),
  ('package_write', array['operator', 'sub_operator']),
  ('zone_write', array['operator', 'sub_operator']),
  ('router_read', array['operator', 'sub_operator', 'technician']),
  ('router_write', array['operator', 'sub_operator', 'technician']),
  ('router_secret', array['operator', 'sub_operator', 'technician']),
  ('staff_manage', array['operator', 'sub_operator']),
  ('operator_manage', array['operator']),
  ('audit_read', array['operator', 'sub_operator']),
  ('provider_write', array[]::text[]),
  ('radius_setup', array[]::text[]),
  ('key_rotate', array[]::text[])
) p (permission, roles);
-- whoever has a whole tenant does everything in it
insert into role_permission (role, permission, held)
select role, permission, 'always'
from unnest(array['developer', 'super_admin', 'admin']) role
cross join unnest(array['customer_read', 'customer_write', 'customer_suspend', 'customer_password', 'payment_take',
  'money_read', 'session_read', 'session_change', 'package_write', 'zone_write', 'router_read', 'router_write',
  'router_secret', 'staff_manage', 'operator_manage', 'audit_read', 'provider_write', 'radius_setup', 'key_rotate'])
  permission;
insert into role_permission (role, permission, held)
values ('developer', 'tenant_manage', 'always'), ('super_admin', 'tenant_manage', 'always');
-- one by one
insert into role_permission (role, permission, held)
select 'manager', permission, held
from (values
  ('customer_read', 'preset'), ('customer_write', 'preset'), ('customer_suspend', 'preset'),
  ('customer_password', 'offered'), ('payment_take', 'preset'), ('money_read', 'preset'), ('session_read', 'preset'),
  ('session_change', 'preset'), ('package_write', 'offered'), ('zone_write', 'preset'), ('router_read', 'preset'),
  ('router_write', 'offered'), ('router_secret', 'offered'), ('staff_manage', 'offered'), ('audit_read', 'preset')
) p (permission, held);
insert into role_permission (role, permission, held)
select 'staff', permission, held
from (values
  ('customer_read', 'preset'), ('customer_write', 'offered'), ('customer_suspend', 'preset'),
  ('customer_password', 'offered'), ('payment_take', 'offered'), ('money_read', 'offered'), ('session_read', 'preset'),
  ('session_change', 'preset'), ('router_read', 'preset'), ('audit_read', 'offered')
) p (permission, held);

-- Who is asking, and what they reach. Each is worked out once per statement: policies say `(select …)`.

create function can(permission text) returns boolean
language sql stable security definer set search_path = demarc, pg_temp as $$
  select exists (
    select from staff s join role_permission r on r.role = s.role
    where s.login_role = session_user and s.active and r.permission = can.permission
      and (r.held = 'always' or r.permission = any (s.permissions)))
$$;

create function my_level() returns integer
language sql stable security definer set search_path = demarc, pg_temp as $$
  select level_of(role) from staff where login_role = session_user and active
$$;

-- Tenants within reach, whichever of them is worked in.
create or replace function reach_tenant() returns bigint[]
language plpgsql stable security definer set search_path = demarc, pg_temp as $$
declare
  s staff;
begin
  select * into s from staff where login_role = session_user and active;
  return case s.role
    when 'developer' then array(select id from tenant)
    when 'super_admin' then array(select tenant_id from tenant_owner where staff_id = s.id)
    else array_remove(array[s.tenant_id], null)
  end;
end
$$;

-- Operators within reach. Whoever has several tenants works in one at a time: the setting only ever narrows, so it is
-- believed from anybody. Cost: one look-up for a person, and the rows that come back.
create or replace function reach() returns bigint[]
language plpgsql stable security definer set search_path = demarc, pg_temp as $$
declare
  s staff;
  works_in bigint := nullif(current_setting('demarc.tenant', true), '')::bigint;
begin
  select * into s from staff where login_role = session_user and active;
  if not found then
    return '{}';
  elsif s.role in ('developer', 'super_admin') then
    return array(
      select o.id from operator o
      where o.tenant_id = any (reach_tenant()) and (works_in is null or o.tenant_id = works_in));
  elsif works_in is distinct from null and works_in <> s.tenant_id then
    return '{}';
  end if;
  return array(
    select s.operator_id
    union all select o.id from operator o where o.parent_id = s.operator_id
    union all select o.id from operator o join operator p on p.id = o.parent_id where p.parent_id = s.operator_id);
end
$$;
create index operator_parent_id on operator (parent_id) where parent_id is not null;

create function reach(permission text) returns bigint[]
language sql stable security definer set search_path = demarc, pg_temp as $$
  select case when can(permission) then reach() else '{}' end
$$;

-- The operators above one's own: what they offer to resellers may be sold.
create function above() returns bigint[]
language sql stable security definer set search_path = demarc, pg_temp as $$
  select array(
    select p.id from staff s join operator o on o.id = s.operator_id join operator p on p.id = o.parent_id
    where s.login_role = session_user and s.active
    union all
    select g.id from staff s join operator o on o.id = s.operator_id join operator p on p.id = o.parent_id
      join operator g on g.id = p.parent_id
    where s.login_role = session_user and s.active)
$$;

-- For whom demarcd acts. Believed only from demarcd's own log-in: from anybody else it is worth nothing.
create function acting_for(kind text) returns bigint
language sql stable security definer set search_path = demarc, pg_temp as $$
  select case
    when pg_has_role(session_user, 'demarc_service', 'member')
      and current_setting('demarc.acting_for', true) ~ ('^' || kind || ':[0-9]{1,18}$')
    then split_part(current_setting('demarc.acting_for', true), ':', 2)::bigint
  end
$$;

create function acting_customer() returns bigint
language sql stable security definer set search_path = demarc, pg_temp as $$
  select id from customer where id = acting_for('customer')
$$;

create function acting_distributor() returns bigint
language sql stable security definer set search_path = demarc, pg_temp as $$
  select id from staff where id = acting_for('distributor') and role = 'card_distributor' and active
$$;

-- A choice that a person cannot see is refused like one that does not exist, in the same words.
create function customer_choices() returns trigger
language plpgsql set search_path = demarc, pg_temp as $$
begin
  if new.package_id is not null and (tg_op = 'INSERT' or new.package_id is distinct from old.package_id)
    and not exists (select from package where id = new.package_id) then
    raise foreign_key_violation using constraint = 'customer_package_id_tenant_id_fkey',
      message = 'insert or update on table "customer" violates foreign key constraint "customer_package_id_tenant_id_fkey"';
  end if;
  if new.zone_id is not null and (tg_op = 'INSERT' or new.zone_id is distinct from old.zone_id)
    and not exists (select from zone where id = new.zone_id) then
    raise foreign_key_violation using constraint = 'customer_zone_id_tenant_id_fkey',
      message = 'insert or update on table "customer" violates foreign key constraint "customer_zone_id_tenant_id_fkey"';
  end if;
  return new;
end
$$;
create trigger choices before insert or update of package_id, zone_id on customer
  for each row execute function customer_choices();

-- What RADIUS looks a log-in up by follows from its name. A name that a router could mean somebody else's by, such as a
-- PPPoE name that is another's number without its country code, is taken.
create function fold_login() returns trigger
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  code text;
  digits text;
  meant text[];
begin
  if new.kind = 'mac' then
    select d.mac, upper(d.mac) into new.name_folded, new.name from device d where d.id = new.device_id;
    -- as routers may be told to write it
    meant := array[replace(new.name_folded, ':', '-'), replace(new.name_folded, ':', '')];
  else
    new.name_folded := lower(new.name);
    select calling_code into code from tenant where id = new.tenant_id;
    if new.kind = 'hotspot' and new.name !~ '^\+[0-9]{6,15}$' then
      raise exception 'a hotspot log-in is a number in E.164' using errcode = 'check_violation';
    end if;
    digits := ltrim(new.name, '+');
    meant := array_remove(array[radius.fold_mac(new.name)] || radius.fold_mobile(new.name, code), null);
    if new.kind = 'hotspot' then
      -- and the other way round: what people type who mean this number
      meant := meant || array[digits, '00' || digits]
        || case when starts_with(digits, code)
             then array[substr(digits, length(code) + 1), '0' || substr(digits, length(code) + 1)] else '{}' end;
    end if;
  end if;
  if exists (
    select from login l
    where l.tenant_id = new.tenant_id and l.name_folded = any (meant) and l.customer_id <> new.customer_id
  ) then
    raise unique_violation using constraint = 'login_name',
      message = 'duplicate key value violates unique constraint "login_name"';
  end if;
  return new;
end
$$;
create trigger fold before insert or update of name, name_folded, kind, device_id, tenant_id on login
  for each row execute function fold_login();

-- What goes is taken away here, within reach.

create function drop_logins(of_customer_id bigint, of_kinds text[]) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  delete from login
  where customer_id = of_customer_id and kind = any (of_kinds) and operator_id = any (reach('customer_write'))
$$;

-- A customer's device; none stands for the primary one. False: there is no such.
create function drop_device(of_customer_id bigint, of_device_id bigint) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  delete from device
  where customer_id = of_customer_id and operator_id = any (reach('customer_write'))
    and case when of_device_id is null then is_primary else id = of_device_id end;
  return found;
end
$$;

-- A closed operator takes nothing on, also not in the moment in which it is closed.
create function open_operator() returns trigger
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  -- the policy refuses what is out of reach, whether or not it is there
  if new.operator_id is null or not (new.operator_id = any (reach()) or pg_has_role(session_user, 'demarc_owner', 'member')) then
    return new;
  end if;
  perform from operator where id = new.operator_id and closed_at is null for share;
  if not found then
    raise foreign_key_violation using constraint = tg_table_name || '_operator_id_tenant_id_fkey',
      message = format('insert or update on table "%s" violates foreign key constraint "%s_operator_id_tenant_id_fkey"',
        tg_table_name, tg_table_name);
  end if;
  return new;
end
$$;
do $$
declare
  taking_on text;
begin
  foreach taking_on in array array['customer', 'zone', 'package', 'router', 'staff'] loop
    execute format('create trigger open before insert on %I for each row execute function open_operator()', taking_on);
  end loop;
end
$$;

-- Cuts a customer off, or lifts that. False: there is no such customer within reach.
create function set_suspended(of_customer_id bigint, suspends boolean, because text) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  wanted text := case when suspends then 'suspended' else 'active' end;
begin
  perform from customer where id = of_customer_id and operator_id = any (reach('customer_suspend')) for no key update;
  if not found then
    return false;
  end if;
  -- one that is so already keeps the reason that was given
  update customer set status = wanted, suspended_reason = case when suspends then because else '' end,
    version = version + 1
  where id = of_customer_id and status <> wanted;
  return true;
end
$$;

-- What was there already now asks for its permission.
do $$
declare
  changed record;
begin
  for changed in
    select name, permission, pg_get_functiondef(name::regprocedure) as definition
    from (values
      ('customer_matching(text)', 'customer_read'),
      ('record_payment(bigint,bigint,text,text,uuid,boolean)', 'payment_take'),
      ('reveal_login_secret(bigint)', 'customer_password'),
      ('reveal_router_secret(bigint)', 'router_secret'),
      ('change_session(bigint,boolean)', 'session_change')
    ) f (name, permission)
  loop
    execute replace(replace(changed.definition, 'reach()', format('reach(%L)', changed.permission)),
      '  -- the lock makes two payments', '  if with_amount is null or with_amount < 0 then
    raise exception ''a payment is no less than nothing'' using errcode = ''check_violation'';
  end if;
  -- the lock makes two payments');
  end loop;
end
$$;

-- A router serves the customers of its operator and of those beneath it. So a reseller's router neither logs in nor bills
-- somebody else's customer: to it, there is nobody of that name. Who works at the provider's tower is the provider's choice.
create function radius.serves(at_operator_id bigint, of_operator_id bigint) returns boolean
language sql stable as $$
  select exists (
    select from operator o left join operator p on p.id = o.parent_id
    where o.id = of_operator_id and (o.parent_id = at_operator_id or p.parent_id = at_operator_id))
$$;

-- As before, but for whose router asks.
drop function radius.examine(bigint, text, text, boolean);
create function radius.examine(
  of_tenant_id bigint, user_name text, calling_station_id text, throughout boolean,
  -- whose router asks; none: it is not asked by a router
  at_operator_id bigint default null
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
    and (at_operator_id is null or l.operator_id = at_operator_id or radius.serves(at_operator_id, l.operator_id))
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

do $do$
declare
  asking regprocedure;
  definition text;
begin
  foreach asking in array array['radius.decide(inet, text, text)', 'radius.account(inet, text, text, text, text, text, text,
    text, text, text, text, bigint, bigint, bigint, text, bigint)']::regprocedure[] loop
    definition := replace(pg_get_functiondef(asking),
      'radius.examine(asking.tenant_id, user_name, calling_station_id, false)',
      'radius.examine(asking.tenant_id, user_name, calling_station_id, false, asking.operator_id)');
    if strpos(definition, 'asking.operator_id)') = 0 then
      raise exception '% does not say whose router asks', asking;
    end if;
    execute definition;
  end loop;
  -- a name with blanks in it is kept with the customer who is meant, if the router serves them
  definition := pg_get_functiondef('radius.record_attempt(inet, text, text, boolean, text, text, text, text, text, text, text,
    text, text, text, bigint)'::regprocedure);
  definition := replace(definition, $$where r.address = client and l.name_folded$$,
    $$where r.address = client and (l.operator_id = r.operator_id or radius.serves(r.operator_id, l.operator_id))
      and l.name_folded$$);
  if strpos(definition, 'radius.serves') = 0 then
    raise exception 'record_attempt does not say whom a router serves';
  end if;
  execute definition;
end
$do$;

-- A customer's log-in is explained to whoever may see sessions. Its router may be the provider's, out of a reseller's
-- reach: what is heard of routers is told of the whole tenant, as counts and times; a name, of one's own.
create or replace function explain_log_in(
  of_customer_id bigint, with_user_name text, with_mac text, at_router_id bigint
) returns jsonb
language plpgsql stable security definer set search_path = demarc, pg_temp as $$
declare
  c customer;
  d radius.decision;
  given radius.grant_items;
  asked_router router;
  strangers text[] := '{}';
begin
  select * into c from customer where id = of_customer_id and operator_id = any (reach('session_read'));
  if not found then
    return null;
  end if;
  select * into asked_router from router where id = at_router_id and operator_id = any (reach('router_read'));
  if with_user_name <> '' then
    d := radius.examine(c.tenant_id, with_user_name, with_mac, true);
    if d.customer_id = c.id then
      given := radius.grant_of(c.id, false, d.bytes_left, d.seconds_left);
    else
      -- nothing of somebody else's
      d := null;
      d.verdict := 'unknown_user';
    end if;
  end if;
  -- an address may be another provider's new router: only who owns tenants is told
  if my_level() <= level_of('super_admin') then
    select coalesce(array_agg(host(address) order by last_at desc), '{}') into strangers
    from (
      select s.address, s.last_at from radius_stranger s
      where s.last_at > now() - interval '1 hour' and not exists (select from router r where r.address = s.address)
      order by s.last_at desc limit 5
    ) s;
  end if;
  return jsonb_build_object(
    'now', now(),
    'decision', case when d.verdict is not null then jsonb_build_object(
      'verdict', d.verdict,
      'customer_id', d.customer_id,
      'by_mac', coalesce(d.kind = 'mac', false), 'suspended', c.status = 'suspended', 'expires_at', c.expires_at,
      'device_known', d.device_known, 'bytes_left', d.bytes_left, 'seconds_left', d.seconds_left,
      'other_sessions', d.other_sessions, 'max_sessions', d.max_sessions,
      'rate_limit', given.rate_limit, 'address', given.framed_ip_address) end,
    'router_name', asked_router.name,
    'router_heard_at', (select heard_at from router_heard where router_id = asked_router.id),
    'router_has_sessions',
      exists (select from radacct s where s.router_id = asked_router.id and s.acctstoptime is null),
    'routers', (select count(*) from router where tenant_id = c.tenant_id),
    'routers_heard', (
      select count(*) from router_heard h join router r on r.id = h.router_id
      where r.tenant_id = c.tenant_id and h.heard_at > now() - interval '15 minutes'),
    'last_packet_at', (
      select max(h.heard_at) from router_heard h join router r on r.id = h.router_id where r.tenant_id = c.tenant_id),
    'strangers', strangers
  );
end
$$;

-- Policies, each with the permission that it asks for.

do $$
declare
  asked record;
begin
  -- reading
  for asked in
    select * from (values
      ('customer', 'customer_read'), ('device', 'customer_read'), ('login', 'customer_read'),
      ('quota', 'customer_read'), ('usage_day', 'customer_read'),
      ('bill', 'money_read'), ('payment', 'money_read'),
      ('radacct', 'session_read'), ('radpostauth', 'session_read'), ('live_change', 'session_read'),
      ('radacct_history', 'session_read'), ('radpostauth_history', 'session_read'),
      ('router', 'router_read'), ('router_heard', 'router_read')
    ) t (name, permission)
  loop
    execute format('drop policy reach on %I', asked.name);
    execute format('create policy read on %I for select using (operator_id = any ((select reach(%L))::bigint[]))',
      asked.name, asked.permission);
  end loop;
  -- writing
  for asked in
    select * from (values
      ('customer', 'customer_write'), ('device', 'customer_write'), ('login', 'customer_write'),
      ('router', 'router_write'), ('package', 'package_write'), ('zone', 'zone_write')
    ) t (name, permission)
  loop
    execute format('create policy add on %I for insert with check (operator_id = any ((select reach(%L))::bigint[]))',
      asked.name, asked.permission);
    execute format('create policy change on %I for update using (operator_id = any ((select reach(%L))::bigint[]))',
      asked.name, asked.permission);
  end loop;
end
$$;

-- A unique constraint is checked before a reference is: without this, a row hung on somebody else's customer would tell
-- what that customer has.
create policy of_ones_own on login as restrictive for insert with check (
  exists (select from customer c where c.id = customer_id and c.operator_id = login.operator_id));
create policy of_ones_own on device as restrictive for insert with check (
  exists (select from customer c where c.id = customer_id and c.operator_id = device.operator_id));

drop policy reach on zone;
create policy read on zone for select using (operator_id = any ((select reach())::bigint[]));
drop policy reach on package;
create policy read on package for select using (
  operator_id = any ((select reach())::bigint[])
  or (for_resellers and operator_id = any ((select above())::bigint[])));

drop policy reach on tenant;
create policy read on tenant for select using (id = any ((select reach_tenant())::bigint[]));
create policy change on tenant for update
  using (id = any ((select reach_tenant())::bigint[]) and (select can('provider_write')));

-- people: oneself, and with the permission those of one's own level or beneath it, within reach
drop policy reach on staff;
create policy read on staff for select using (
  id = (select me())
  or (operator_id = any ((select reach('staff_manage'))::bigint[]) and level_of(role) >= (select my_level()))
  or (select my_level()) = 0);

drop policy reach on tenant_owner;
create policy read on tenant_owner for select using (
  tenant_id = any ((select reach_tenant())::bigint[]) and (select can('tenant_manage')));

alter table role_permission enable row level security;
create policy everybody on role_permission using (true);

-- Distributors and customers: demarcd acts for one of them at a time. A customer sees itself; a distributor sees itself and
-- what its operator sells. Cards, mobiles and sales come with their own tables, each under `acting_distributor()`.

create policy acting_distributor on staff for select to demarc_card_distributor using (id = (select acting_distributor()));
create policy acting_distributor on package for select to demarc_card_distributor
  using (operator_id = (select operator_id from staff where id = (select acting_distributor())));

do $$
declare
  of_customer text;
begin
  foreach of_customer in array array['device', 'login', 'quota', 'usage_day', 'bill', 'payment', 'radacct'] loop
    execute format('create policy acting_customer on %I for select to demarc_customer
      using (customer_id = (select acting_customer()))', of_customer);
  end loop;
end
$$;
create policy acting_customer on customer for select to demarc_customer using (id = (select acting_customer()));
create policy acting_customer on package for select to demarc_customer
  using (id = (select package_id from customer where id = (select acting_customer())));
create policy acting_customer on tenant for select to demarc_customer
  using (id = (select tenant_id from customer where id = (select acting_customer())));

-- Grants, to whoever may ever hold the permission. `is null`: to all staff.
-- Updates are granted by column and deletes through functions: whoever may update or delete a whole table may also lock it,
-- and so stop FreeRADIUS for everybody.

create function grant_to_holders(of_permission text, privilege text) returns void
language plpgsql set search_path = demarc, pg_temp as $$
declare
  holder text;
begin
  for holder in
    select distinct role from role_permission where of_permission is null or permission = of_permission
  loop
    execute format('grant %s to %I', privilege, 'demarc_' || holder);
  end loop;
end
$$;

revoke all on all tables in schema demarc from demarc_super_admin, demarc_admin;
revoke all on all functions in schema demarc from demarc_super_admin, demarc_admin;

select grant_to_holders(permission, privilege)
from (values
  (null, 'usage on schema demarc'),
  (null, 'execute on function is_plain(text), is_fresh(timestamptz, integer), me(), my_level(), level_of(text), can(text),
    reach(), reach(text), reach_tenant(), above(), next_expiry(timestamptz, integer, text)'),
  (null, 'select on tenant, operator, staff, role_permission, radius_watch, retention, zone, package'),
  (null, 'select, insert, update (value) on preference'),
  ('customer_read', 'select on customer, device, quota, usage_day'),
  ('customer_read', 'select (id, tenant_id, operator_id, customer_id, kind, name, name_folded, created_at, device_id,
    secret_set_at) on login'),
  ('customer_read', 'execute on function customer_matching(text)'),
  -- expiry, balance, bills, payments and the status are written by functions and by nobody's hand
  ('customer_write', 'insert (tenant_id, operator_id, zone_id, package_id, connection_type, name, name_folded, mobile,
    address, postal_address, note, search_text, devices_only) on customer'),
  ('customer_write', 'update (zone_id, package_id, connection_type, name, name_folded, mobile, address, postal_address,
    note, search_text, devices_only, version) on customer'),
  ('customer_write', 'insert (tenant_id, operator_id, customer_id, mac, name), update (mac, name, is_primary) on device'),
  ('customer_write', 'insert (tenant_id, operator_id, customer_id, kind, name, name_folded, secret, device_id),
    update (name, name_folded, secret) on login'),
  ('customer_write', 'execute on function drop_logins(bigint, text[]), drop_device(bigint, bigint)'),
  ('customer_suspend', 'execute on function set_suspended(bigint, boolean, text)'),
  ('customer_password', 'execute on function reveal_login_secret(bigint)'),
  ('payment_take', 'execute on function record_payment(bigint, bigint, text, text, uuid, boolean)'),
  ('money_read', 'select on bill, payment'),
  ('session_read', 'select on radacct, radpostauth, live_change, radacct_history, radpostauth_history'),
  ('session_read', 'execute on function explain_log_in(bigint, text, text, bigint)'),
  ('session_change', 'execute on function change_session(bigint, boolean)'),
  ('package_write', 'insert (tenant_id, operator_id, name, name_folded, rate_limit, volume_bytes, hours, validity_days,
    price, address_pool, max_sessions, for_resellers) on package'),
  ('package_write', 'update (name, name_folded, rate_limit, volume_bytes, hours, validity_days, price, address_pool,
    max_sessions, for_resellers, version) on package'),
  ('zone_write', 'insert (tenant_id, operator_id, name, name_folded), update (name, name_folded, version) on zone'),
  ('router_read', 'select (id, tenant_id, operator_id, name, name_folded, address, nas_identifier, coa_port, version,
    created_at) on router'),
  ('router_read', 'select on router_heard'),
  ('router_write', 'insert (tenant_id, operator_id, name, name_folded, address, nas_identifier, secret, coa_port) on router'),
  ('router_write', 'update (name, name_folded, address, nas_identifier, secret, coa_port, version) on router'),
  -- secrets may be written, and read only through a reveal that is audited
  ('router_secret', 'execute on function reveal_router_secret(bigint)'),
  ('tenant_manage', 'select on tenant_owner'),
  ('provider_write', 'update (name, time_zone, suspended_policy, suspended_pool, suspended_list, suspended_rate_limit,
    version) on tenant')
) g (permission, privilege);

grant usage on schema demarc to demarc_card_distributor, demarc_customer;
grant execute on function acting_distributor() to demarc_card_distributor;
grant execute on function acting_customer() to demarc_customer;
-- the policies of staff are asked too, and reach nothing
grant execute on function me(), my_level(), level_of(text), can(text), reach(), reach(text), reach_tenant(), above()
  to demarc_card_distributor, demarc_customer;
grant select (id, tenant_id, operator_id, name, role, active) on staff to demarc_card_distributor;
grant select (id, tenant_id, operator_id, name, rate_limit, volume_bytes, hours, validity_days, price, max_sessions)
  on package to demarc_card_distributor, demarc_customer;
grant select (id, tenant_id, operator_id, package_id, connection_type, name, mobile, status, suspended_reason,
  registered_at, expires_at, balance) on customer to demarc_customer;
grant select (id, customer_id, mac, is_primary, name) on device to demarc_customer;
grant select (id, customer_id, kind, name) on login to demarc_customer;
grant select on quota, usage_day to demarc_customer;
grant select (id, customer_id, package_name, amount, period_from, period_to, created_at) on bill to demarc_customer;
grant select (id, customer_id, amount, method, reference, created_at) on payment to demarc_customer;
grant select (customer_id, acctstarttime, acctupdatetime, acctstoptime, acctsessiontime, acctinputoctets,
  acctoutputoctets, mac, framedipaddress) on radacct to demarc_customer;
grant select (id, name, country, currency, time_zone) on tenant to demarc_customer;
