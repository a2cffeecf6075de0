-- What a provider sells, to whom, and through which routers.
-- Every row names its operator (who may see it) and its tenant (within which names are unique); a composite key keeps
-- the two in agreement, and keeps rows of one tenant from pointing at rows of another.

create table zone (
  id bigint generated always as identity primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  name text not null check (char_length(name) between 1 and 100),
  name_folded text not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  foreign key (operator_id, tenant_id) references operator (id, tenant_id),
  unique (id, tenant_id),
  constraint zone_name unique (tenant_id, name_folded)
);
create index zone_operator_id on zone (operator_id);

create table package (
  id bigint generated always as identity primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  name text not null check (char_length(name) between 1 and 100),
  name_folded text not null,
  -- RouterOS's notation, upload first: 5M/10M; none is unlimited
  rate_limit text check (is_plain(rate_limit)),
  -- per validity; none is unlimited, and zero would be *no limit* to a router
  volume_bytes bigint check (volume_bytes > 0),
  hours integer check (hours > 0),
  -- days that a payment buys
  validity_days integer not null check (validity_days between 1 and 3650),
  -- in the smallest unit of the tenant's currency
  price bigint not null check (price >= 0),
  -- Framed-Pool; none leaves the address to the router
  address_pool text check (is_plain(address_pool)),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  foreign key (operator_id, tenant_id) references operator (id, tenant_id),
  unique (id, tenant_id),
  constraint package_name unique (tenant_id, name_folded)
);
create index package_operator_id on package (operator_id);

create table router (
  id bigint generated always as identity primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  name text not null check (char_length(name) between 1 and 100),
  name_folded text not null,
  -- where its RADIUS packets come from; one FreeRADIUS serves all tenants, so one address is one router
  address inet not null check (family(address) = 4 and masklen(address) = 32),
  nas_identifier text not null,
  secret text not null check (char_length(secret) between 8 and 48 and is_plain(secret)),
  version integer not null default 1,
  created_at timestamptz not null default now(),
  foreign key (operator_id, tenant_id) references operator (id, tenant_id),
  unique (id, tenant_id),
  constraint router_name unique (tenant_id, name_folded),
  constraint router_address unique (address)
);
create index router_operator_id on router (operator_id);

create table customer (
  id bigint generated always as identity primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  zone_id bigint,
  package_id bigint,
  connection_type text not null check (connection_type in ('pppoe', 'hotspot', 'static_ip', 'other')),
  name text not null check (char_length(name) between 1 and 100),
  name_folded text not null,
  -- E.164
  mobile text check (mobile ~ '^\+[0-9]{6,15}$'),
  -- fixed address (Framed-IP-Address)
  address inet check (family(address) = 4 and masklen(address) = 32),
  postal_address text not null default '',
  note text not null default '',
  -- *expired* is not written: it is active and past expires_at
  status text not null default 'active' check (status in ('active', 'suspended')),
  suspended_reason text not null default '',
  registered_at timestamptz not null default now(),
  -- none: never paid yet, so nothing to run out; RADIUS treats it as expired
  expires_at timestamptz,
  -- payments less bills; kept by record_payment in the same transaction
  balance bigint not null default 0,
  -- everything that a search may find, folded
  search_text text not null,
  version integer not null default 1,
  foreign key (operator_id, tenant_id) references operator (id, tenant_id),
  foreign key (zone_id, tenant_id) references zone (id, tenant_id),
  foreign key (package_id, tenant_id) references package (id, tenant_id),
  unique (id, operator_id, tenant_id),
  constraint customer_package_needed check (package_id is not null or connection_type = 'other'),
  constraint customer_address unique (tenant_id, address)
);
-- one index per order of the list, each beginning with the operator, so that a page is read off in order
create index customer_by_name on customer (operator_id, name_folded, id);
create index customer_by_registration on customer (operator_id, registered_at, id);
-- not coalesce(): beneath a policy that is no index condition
create index customer_by_expiry on customer (
  operator_id, (case when expires_at is null then 'infinity' else expires_at end), id
);
create index customer_by_balance on customer (operator_id, balance, id);
-- with the operator, so that customers are counted without reading them
create index customer_package_id on customer (package_id, operator_id);
create index customer_zone_id on customer (zone_id, operator_id);
-- who is meant by a number
create index customer_mobile on customer (tenant_id, mobile);
create index customer_search on customer using gin (search_text public.gin_trgm_ops);

-- An identity that may authenticate. What FreeRADIUS is asked about is looked up here, and nowhere else.
create table login (
  id bigint generated always as identity primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  customer_id bigint not null,
  kind text not null check (kind in ('pppoe', 'hotspot', 'mac')),
  -- as written: the PPPoE user name, the mobile in E.164, the MAC
  name text not null,
  -- ASCII lower case
  name_folded text not null,
  -- must be readable for CHAP; a log-in by MAC has none. A quote at the beginning would make FreeRADIUS take it for an
  -- expression
  secret text check ((kind = 'mac') = (secret is null) and secret !~ '^[`"'']'),
  created_at timestamptz not null default now(),
  -- a customer who moves to another operator takes the log-ins along
  foreign key (customer_id, operator_id, tenant_id)
    references customer (id, operator_id, tenant_id) on update cascade on delete cascade,
  constraint login_kind unique (customer_id, kind),
  constraint login_name unique (tenant_id, name_folded)
);

create table bill (
  id bigint generated always as identity primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  customer_id bigint not null,
  package_id bigint not null,
  -- as it was called when it was sold
  package_name text not null,
  amount bigint not null check (amount >= 0),
  period_from timestamptz not null,
  period_to timestamptz not null check (period_to > period_from),
  -- drawn by the caller for each recharge: the same one sent twice is one
  request_id uuid not null,
  created_at timestamptz not null default now(),
  foreign key (customer_id, operator_id, tenant_id)
    references customer (id, operator_id, tenant_id) on update cascade,
  foreign key (package_id, tenant_id) references package (id, tenant_id),
  unique (id, tenant_id),
  constraint bill_request unique (tenant_id, request_id)
);
create index bill_customer_id on bill (customer_id, created_at desc);

create table payment (
  id bigint generated always as identity primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  customer_id bigint not null,
  -- none: it settles what is owed, and buys nothing new
  bill_id bigint,
  amount bigint not null check (amount > 0),
  method text not null check (method in ('cash', 'mobile_banking', 'bank_transfer', 'card', 'other')),
  reference text not null default '',
  -- as in bill
  request_id uuid not null,
  created_at timestamptz not null default now(),
  foreign key (customer_id, operator_id, tenant_id)
    references customer (id, operator_id, tenant_id) on update cascade,
  foreign key (bill_id, tenant_id) references bill (id, tenant_id),
  constraint payment_request unique (tenant_id, request_id)
);
create index payment_customer_id on payment (customer_id, created_at desc);

create trigger audit after insert or update or delete on zone for each row execute function audit_change();
create trigger audit after insert or update or delete on package for each row execute function audit_change();
create trigger audit after insert or update or delete on router for each row execute function audit_change();
create trigger audit after insert or update or delete on customer for each row execute function audit_change();
create trigger audit after insert or update or delete on login for each row execute function audit_change();
create trigger audit after insert or update or delete on bill for each row execute function audit_change();
create trigger audit after insert or update or delete on payment for each row execute function audit_change();

alter table zone enable row level security;
create policy reach on zone using (operator_id = any ((select reach())::bigint[]));
alter table package enable row level security;
create policy reach on package using (operator_id = any ((select reach())::bigint[]));
alter table router enable row level security;
create policy reach on router using (operator_id = any ((select reach())::bigint[]));
alter table customer enable row level security;
create policy reach on customer using (operator_id = any ((select reach())::bigint[]));
alter table login enable row level security;
create policy reach on login using (operator_id = any ((select reach())::bigint[]));
alter table bill enable row level security;
create policy reach on bill using (operator_id = any ((select reach())::bigint[]));
alter table payment enable row level security;
create policy reach on payment using (operator_id = any ((select reach())::bigint[]));

grant select, insert, update on zone, package to demarc_super_admin, demarc_admin;
-- expiry, balance, bills and payments are written by record_payment and by nobody's hand
grant select on customer, bill, payment to demarc_super_admin, demarc_admin;
grant insert (tenant_id, operator_id, zone_id, package_id, connection_type, name, name_folded, mobile, address,
    postal_address, note, search_text)
  on customer to demarc_super_admin, demarc_admin;
grant update (zone_id, package_id, connection_type, name, name_folded, mobile, address, postal_address, note, status,
    suspended_reason, search_text, version)
  on customer to demarc_super_admin, demarc_admin;
-- secrets may be written, and read only through a reveal that is audited
grant select (id, tenant_id, operator_id, name, name_folded, address, nas_identifier, version, created_at), insert, update
  on router to demarc_super_admin, demarc_admin;
grant select (id, tenant_id, operator_id, customer_id, kind, name, name_folded, created_at), insert, update, delete
  on login to demarc_super_admin, demarc_admin;

-- A search by part of a word; of less than three letters, by the beginning of a name or log-in. `like` is not leakproof,
-- so beneath a policy it would get no index: the function runs as the owner and applies the reach itself. Cost: one
-- look-up in an index, and at most 10,001 ids; whoever gets that many must not take them for all.
create function customer_matching(term text) returns setof bigint
language plpgsql stable security definer set search_path = demarc, public, pg_temp rows 1000 as $$
declare
  reachable bigint[] := reach();
begin
  if char_length(term) >= 3 then
    return query
    select c.id from customer c
    where c.operator_id = any (reachable)
      and c.search_text like '%' || replace(replace(replace(term, '\', '\\'), '%', '\%'), '_', '\_') || '%'
    limit 10001;
  else
    return query
    select c.id from customer c
    where c.operator_id = any (reachable) and c.name_folded >= term and c.name_folded < term || chr(1114111)
    union
    select l.customer_id from login l
    where l.operator_id = any (reachable) and l.tenant_id = any (reach_tenant())
      and l.name_folded >= term and l.name_folded < term || chr(1114111)
    limit 10001;
  end if;
end
$$;

-- Records a payment. One that renews writes a bill, the payment, a later expiry and the balance, all of it or nothing;
-- one that does not, settles what is owed. The same request again changes nothing. Returns false if there is no such
-- customer within reach.
-- DM001: the customer has no package. DM002: the request was another customer's.
create function record_payment(
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
  select * into payer from customer where id = of_customer_id and operator_id = any (reach()) for update;
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

-- The expiry after one more validity: from the present expiry, or from now if that has passed. A day is a day in the
-- tenant's time zone, so that a clock that springs forward does not cost an hour.
create function next_expiry(expires_at timestamptz, validity_days integer, time_zone text) returns timestamptz
language sql stable set search_path = pg_catalog, pg_temp as $$
  select ((greatest(expires_at, now()) at time zone time_zone) + make_interval(days => validity_days)) at time zone time_zone
$$;

-- Secrets, one at a time, each look in the audit.

create function reveal_login_secret(of_customer_id bigint) returns text
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  found_login login;
begin
  select * into found_login from login
  where customer_id = of_customer_id and secret is not null and operator_id = any (reach());
  if not found then
    return null;
  end if;
  insert into audit (
    tenant_id, operator_id, customer_id, staff_id, staff_name, record, record_id, action, host, program
  )
  select found_login.tenant_id, found_login.operator_id, of_customer_id, s.id, s.name, 'login', found_login.id, 'reveal',
    nullif(current_setting('demarc.host', true), ''), nullif(current_setting('demarc.program', true), '')
  from staff s where s.id = me();
  return found_login.secret;
end
$$;

create function reveal_router_secret(of_router_id bigint) returns text
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  found_router router;
begin
  select * into found_router from router where id = of_router_id and operator_id = any (reach());
  if not found then
    return null;
  end if;
  insert into audit (tenant_id, operator_id, staff_id, staff_name, record, record_id, action, host, program)
  select found_router.tenant_id, found_router.operator_id, s.id, s.name, 'router', found_router.id, 'reveal',
    nullif(current_setting('demarc.host', true), ''), nullif(current_setting('demarc.program', true), '')
  from staff s where s.id = me();
  return found_router.secret;
end
$$;

grant execute on function
  customer_matching(text),
  record_payment(bigint, bigint, text, text, uuid, boolean),
  next_expiry(timestamptz, integer, text),
  reveal_login_secret(bigint),
  reveal_router_secret(bigint)
  to demarc_super_admin, demarc_admin;
