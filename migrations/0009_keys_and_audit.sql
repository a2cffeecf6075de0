-- The organisation's key, what is kept under it, and the audit by month.

-- Everybody has a pair of keys. The private one is wrapped by its owner's password (Argon2id, XChaCha20-Poly1305) and
-- opened at log-in; the organisation's key is sealed to the public one (HPKE, RFC 9180). So a key can be given, and changed,
-- without anybody's password. The server sees neither private key nor organisation's key.
create table key_pair (
  staff_id bigint primary key references staff,
  public_key bytea not null check (octet_length(public_key) = 32),
  -- salt, cost, nonce and ciphertext of the private key
  wrapped jsonb not null
);

-- Rotated when somebody who had it leaves: what was kept under the one before is sealed anew.
create table organisation_key (
  tenant_id bigint not null references tenant,
  generation integer not null check (generation > 0),
  created_at timestamptz not null default now(),
  -- somebody who had it may have it no more
  left_at timestamptz,
  primary key (tenant_id, generation)
);

create table sealed_key (
  tenant_id bigint not null,
  generation integer not null,
  staff_id bigint not null references staff,
  sealed bytea not null check (octet_length(sealed) between 64 and 256),
  primary key (tenant_id, generation, staff_id),
  foreign key (tenant_id, generation) references organisation_key (tenant_id, generation) on delete cascade
);
create index sealed_key_staff_id on sealed_key (staff_id);

-- The log-in of a router's own management (WinBox, API), instead of in a spreadsheet.
alter table router add unique (id, operator_id, tenant_id);
create table router_access (
  router_id bigint primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  user_name text not null check (char_length(user_name) between 1 and 100),
  -- nonce and ciphertext; bound to this table and row
  sealed bytea not null check (octet_length(sealed) between 40 and 1024),
  generation integer not null,
  -- it did not open when it was to be sealed anew: it has to be typed again
  unreadable boolean not null default false,
  version integer not null default 1,
  foreign key (router_id, operator_id, tenant_id)
    references router (id, operator_id, tenant_id) on update cascade on delete cascade,
  -- no key goes while something is kept under it
  constraint router_access_key foreign key (tenant_id, generation) references organisation_key (tenant_id, generation)
);
create index router_access_generation on router_access (tenant_id, generation);

-- Whether somebody should have the organisation's key: whoever may see a router's secrets.
create function needs_key(s staff) returns boolean
language sql stable security definer set search_path = demarc, pg_temp as $$
  select s.active and s.role <> 'developer' and exists (
    select from role_permission r
    where r.role = s.role and r.permission = 'router_secret'
      and (r.held = 'always' or r.permission = any (s.permissions)))
$$;

-- Everybody who should have the key of a tenant, for those who may give it to them.
create function key_holders(of_tenant_id bigint) returns table (staff_id bigint, public_key bytea, generations integer[])
language sql stable security definer set search_path = demarc, pg_temp as $$
  select s.id, k.public_key, array(
    select g.generation from sealed_key g where g.tenant_id = of_tenant_id and g.staff_id = s.id order by 1)
  from staff s join key_pair k on k.staff_id = s.id
  where of_tenant_id = any (reach_tenant()) and needs_key(s)
    and (s.tenant_id = of_tenant_id and s.role <> 'super_admin'
      or exists (select from tenant_owner o where o.tenant_id = of_tenant_id and o.staff_id = s.id))
    and (can('key_rotate') or s.id = me() or s.operator_id = any (reach('staff_manage')))
$$;

-- One's own first pair.
create function keep_key_pair(with_public_key bytea, with_wrapped jsonb) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  insert into key_pair (staff_id, public_key, wrapped) select me(), with_public_key, with_wrapped where me() is not null
  on conflict (staff_id) do nothing;
  return found;
end
$$;

-- A key for a tenant of which nobody has one: the first, or the next after the last one who had it is gone; for whoever may
-- rotate it. False: somebody has one, or was quicker.
create function create_key(of_tenant_id bigint, of_generation integer, with_sealed bytea) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  if not can('key_rotate') or not of_tenant_id = any (reach_tenant())
    or not exists (select from key_holders(of_tenant_id) h where h.staff_id = me()) then
    return false;
  end if;
  perform from tenant where id = of_tenant_id for no key update;
  if exists (select from sealed_key where tenant_id = of_tenant_id)
    or of_generation <> 1 + coalesce((select max(generation) from organisation_key where tenant_id = of_tenant_id), 0) then
    return false;
  end if;
  insert into organisation_key (tenant_id, generation) values (of_tenant_id, of_generation);
  insert into sealed_key (tenant_id, generation, staff_id, sealed) values (of_tenant_id, of_generation, me(), with_sealed);
  return true;
end
$$;

-- What was given to one as a key and does not open goes, so that a right one can be given.
create function drop_my_key(of_tenant_id bigint, of_generation integer) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  delete from sealed_key where tenant_id = of_tenant_id and generation = of_generation and staff_id = me()
$$;

-- Gives a key that one has to somebody who should have it. False: one has it not, or they should not.
create function give_key(of_tenant_id bigint, of_generation integer, to_staff_id bigint, with_sealed bytea)
returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  if not exists (
    select from sealed_key where tenant_id = of_tenant_id and generation = of_generation and staff_id = me()) then
    return false;
  end if;
  -- who is about to be switched off is waited for, and then is not given it
  perform from staff where id = to_staff_id for share;
  if not exists (
    select from sealed_key where tenant_id = of_tenant_id and generation = of_generation and staff_id = me())
    or not exists (select from key_holders(of_tenant_id) h where h.staff_id = to_staff_id) then
    return false;
  end if;
  insert into sealed_key (tenant_id, generation, staff_id, sealed)
  values (of_tenant_id, of_generation, to_staff_id, with_sealed)
  on conflict (tenant_id, generation, staff_id) do nothing;
  return found;
end
$$;

-- Whoever should have a key no more loses it here, and the key is due to be rotated: it may be remembered.
create function staff_lost_key() returns trigger
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  if not needs_key(new) then
    update organisation_key k set left_at = now()
    from sealed_key g
    where g.staff_id = new.id and k.tenant_id = g.tenant_id and k.generation = g.generation and k.left_at is null;
    delete from sealed_key where staff_id = new.id;
  end if;
  return null;
end
$$;
create trigger lost_key after update on staff for each row execute function staff_lost_key();

create function owner_lost_key() returns trigger
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  update organisation_key k set left_at = now()
  from sealed_key g
  where g.staff_id = old.staff_id and g.tenant_id = old.tenant_id and k.tenant_id = g.tenant_id
    and k.generation = g.generation and k.left_at is null;
  delete from sealed_key where staff_id = old.staff_id and tenant_id = old.tenant_id;
  return null;
end
$$;
create trigger lost_key after delete on tenant_owner for each row execute function owner_lost_key();

-- Passwords.

-- One's own, with the private key wrapped anew; all of it or nothing.
create function change_password(verifier text, with_wrapped jsonb) returns void
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  s staff;
begin
  -- roles before rows, as everywhere
  perform pg_advisory_xact_lock(x'64656d6172'::bigint);
  select * into s from staff where id = me() for update;
  if not found then
    raise exception 'nobody is logged in' using errcode = 'insufficient_privilege';
  end if;
  perform change_verifier(s.login_role, verifier);
  update key_pair set wrapped = with_wrapped where staff_id = s.id and with_wrapped is not null;
  update staff set password_set_at = now() where id = s.id;
  perform audit_person(s, 'password', null);
end
$$;

-- Somebody else's. Their private key cannot be opened with the new one, so they get a new pair, to which keys are given
-- again. A restored database names roles that the server may not have: they are made. None: there is nobody.
create function reset_password(of_staff_id bigint, verifier text, with_public_key bytea, with_wrapped jsonb)
returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  s staff := managed(of_staff_id);
  role_name text;
begin
  if s.id is null then
    return null;
  elsif s.login_role is null then
    raise exception 'a distributor has no password here' using errcode = 'DM006';
  end if;
  role_name := login_role_of(s.name_folded);
  if to_regrole(quote_ident(role_name)) is null then
    perform make_login(role_name, verifier, 'demarc_' || s.role);
    perform change_login(role_name, role_name, 'demarc_' || s.role, 'demarc_' || s.role, s.active);
  elsif role_name <> s.login_role then
    perform make_login(role_name, verifier, 'demarc_' || s.role);
    perform change_login(role_name, role_name, 'demarc_' || s.role, 'demarc_' || s.role, s.active);
  else
    perform change_verifier(role_name, verifier);
  end if;
  delete from sealed_key where staff_id = s.id;
  insert into key_pair (staff_id, public_key, wrapped) values (s.id, with_public_key, with_wrapped)
  on conflict (staff_id) do update set public_key = excluded.public_key, wrapped = excluded.wrapped;
  update staff set password_set_at = now(), login_role = role_name where id = s.id;
  perform audit_person(s, 'password', null);
  return true;
end
$$;

-- Rotation: a new key, sealed to everybody who should have it; then what is kept is sealed anew, a batch at a time; then the
-- old one goes. Cut off anywhere, it goes on where it was.

-- False: somebody else began one in the same moment.
create function begin_rotation(
  of_tenant_id bigint, of_generation integer, holders bigint[], sealed_keys bytea[]
) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  next integer;
begin
  if not can('key_rotate') or not of_tenant_id = any (reach_tenant()) then
    raise exception 'this needs the permission key_rotate' using errcode = 'insufficient_privilege';
  end if;
  perform from tenant where id = of_tenant_id for no key update;
  perform from staff where id = any (holders) order by id for share;
  select max(generation) + 1 into next from organisation_key where tenant_id = of_tenant_id;
  if next is null or not me() = any (holders) or cardinality(holders) <> cardinality(sealed_keys) or not exists (
    select from sealed_key where tenant_id = of_tenant_id and generation = next - 1 and staff_id = me()) then
    raise exception 'whoever rotates a key has it' using errcode = 'insufficient_privilege';
  elsif next <> of_generation then
    return false;
  end if;
  insert into organisation_key (tenant_id, generation) values (of_tenant_id, next);
  insert into sealed_key (tenant_id, generation, staff_id, sealed)
  select of_tenant_id, next, h.staff_id, g.sealed
  from unnest(holders, sealed_keys) g (staff_id, sealed)
  join key_holders(of_tenant_id) h on h.staff_id = g.staff_id;
  insert into audit (tenant_id, operator_id, staff_id, staff_name, record, record_id, action, after, host, program)
  select of_tenant_id, s.operator_id, s.id, s.name, 'organisation_key', next, 'rotate',
    jsonb_build_object('generation', next, 'holders', cardinality(holders)),
    nullif(current_setting('demarc.host', true), ''), nullif(current_setting('demarc.program', true), '')
  from staff s where s.id = me();
  return true;
end
$$;

-- What is kept under older keys than the newest.
create function sealed_before(of_tenant_id bigint, at_most integer)
returns table (router_id bigint, sealed bytea, generation integer, version integer)
language sql stable security definer set search_path = demarc, pg_temp as $$
  select a.router_id, a.sealed, a.generation, a.version
  from router_access a
  where can('key_rotate') and of_tenant_id = any (reach_tenant()) and a.tenant_id = of_tenant_id and not a.unreadable
    and a.generation < (select max(k.generation) from organisation_key k where k.tenant_id = of_tenant_id)
  order by a.router_id limit at_most
$$;

-- Keeps what was sealed anew, unless somebody changed it meanwhile. None: it could not be opened.
create function seal_anew(of_router_id bigint, as_of_version integer, with_sealed bytea) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  update router_access a set sealed = coalesce(with_sealed, a.sealed), unreadable = with_sealed is null,
    generation = case when with_sealed is null then a.generation else (
      select max(k.generation) from organisation_key k where k.tenant_id = a.tenant_id) end,
    version = a.version + 1
  where a.router_id = of_router_id and a.version = as_of_version and can('key_rotate')
    and a.tenant_id = any (reach_tenant())
$$;

-- The end: older keys go, as far as nothing is under one. False: something is to be sealed anew yet.
create function finish_rotation(of_tenant_id bigint) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  newest integer := (select max(generation) from organisation_key where tenant_id = of_tenant_id);
begin
  if not can('key_rotate') or not of_tenant_id = any (reach_tenant()) then
    raise exception 'this needs the permission key_rotate' using errcode = 'insufficient_privilege';
  elsif exists (select from sealed_before(of_tenant_id, 1)) then
    return false;
  end if;
  delete from sealed_key where tenant_id = of_tenant_id and generation < newest;
  delete from organisation_key k
  where k.tenant_id = of_tenant_id and k.generation < newest
    and not exists (select from router_access a where a.tenant_id = k.tenant_id and a.generation = k.generation);
  return true;
end
$$;

-- A secret is kept under the newest key, whoever writes it.
create function under_newest_key() returns trigger
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  if not new.unreadable and new.generation is distinct from (
    select max(generation) from organisation_key where tenant_id = new.tenant_id) then
    raise foreign_key_violation using constraint = 'router_access_key',
      message = 'insert or update on table "router_access" violates foreign key constraint "router_access_key"';
  end if;
  return new;
end
$$;
create trigger newest before insert or update of sealed, generation on router_access
  for each row execute function under_newest_key();

create function drop_router_access(of_router_id bigint) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  delete from router_access where router_id = of_router_id and operator_id = any (reach('router_secret'))
$$;

create function reveal_router_access(of_router_id bigint) returns table (user_name text, sealed bytea, generation integer)
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  found_access router_access;
begin
  select * into found_access from router_access a
  where a.router_id = of_router_id and a.operator_id = any (reach('router_secret'));
  if not found then
    return;
  end if;
  insert into audit (tenant_id, operator_id, staff_id, staff_name, record, record_id, action, host, program)
  select found_access.tenant_id, found_access.operator_id, s.id, s.name, 'router_access', of_router_id, 'reveal',
    nullif(current_setting('demarc.host', true), ''), nullif(current_setting('demarc.program', true), '')
  from staff s where s.id = me();
  return query select found_access.user_name, found_access.sealed, found_access.generation;
end
$$;

alter table key_pair enable row level security;
create policy own on key_pair for select using (staff_id = (select me()));
alter table organisation_key enable row level security;
create policy read on organisation_key for select
  using (tenant_id = any ((select reach_tenant())::bigint[]) and (select can('router_secret')));
alter table sealed_key enable row level security;
create policy own on sealed_key for select using (staff_id = (select me()));
alter table router_access enable row level security;
create policy read on router_access for select using (operator_id = any ((select reach('router_read'))::bigint[]));
create policy add on router_access for insert with check (operator_id = any ((select reach('router_secret'))::bigint[]));
create policy of_ones_own on router_access as restrictive for insert with check (
  exists (select from router r where r.id = router_id and r.operator_id = router_access.operator_id));
create policy change on router_access for update using (operator_id = any ((select reach('router_secret'))::bigint[]));

select grant_to_holders(permission, privilege)
from (values
  (null, 'select on key_pair, sealed_key'),
  (null, 'execute on function keep_key_pair(bytea, jsonb), key_holders(bigint), change_password(text, jsonb)'),
  ('router_read', 'select (router_id, tenant_id, operator_id, user_name, generation, unreadable, version) on router_access'),
  ('router_secret', 'select on organisation_key'),
  ('router_secret', 'insert (router_id, tenant_id, operator_id, user_name, sealed, generation),
    update (user_name, sealed, generation, unreadable, version) on router_access'),
  ('router_secret', 'execute on function reveal_router_access(bigint), drop_router_access(bigint),
    give_key(bigint, integer, bigint, bytea), drop_my_key(bigint, integer)'),
  ('staff_manage', 'execute on function reset_password(bigint, text, bytea, jsonb)'),
  ('key_rotate', 'execute on function create_key(bigint, integer, bytea), begin_rotation(bigint, integer, bigint[], bytea[]),
    sealed_before(bigint, integer), seal_anew(bigint, integer, bytea), finish_rotation(bigint)')
) g (permission, privilege);

-- Which migration the schema is at, so that a program of another age says so instead of failing somewhere.
create function schema_version() returns bigint
language sql stable security definer set search_path = demarc, pg_temp as $$
  select max(version) from _sqlx_migrations where success
$$;
select grant_to_holders(null, 'execute on function schema_version()');

-- The audit, by month.

alter table audit rename to audit_before;
alter index audit_pkey rename to audit_before_pkey;
drop index audit_customer_id, audit_tenant_id;
create sequence audit_number;
create table audit (
  -- identity columns of partitioned tables came with PostgreSQL 17
  id bigint not null default nextval('audit_number'),
  at timestamptz not null default clock_timestamp(),
  -- none: it concerns no tenant, as what developers are
  tenant_id bigint,
  operator_id bigint,
  -- whose history this belongs to
  customer_id bigint,
  -- none: the set-up, or the database's administrator
  staff_id bigint,
  staff_name text,
  login_role name not null default session_user,
  record text not null,
  record_id bigint not null,
  action text not null check (action in ('insert', 'update', 'delete', 'reveal', 'password', 'rotate')),
  before jsonb,
  after jsonb,
  -- from which machine and with which program, as the program said
  host text,
  program text,
  -- as the server saw it
  address inet default inet_client_addr(),
  primary key (id, at)
) partition by range (at);
create index audit_operator_id on audit (operator_id, at desc, id desc);
create index audit_customer_id on audit (customer_id, at desc, id desc) where customer_id is not null;
create index audit_record on audit (record, record_id, at desc, id desc);
-- for what comes when no month was prepared: a clock years off
create table audit_rest partition of audit default;

alter table audit enable row level security;
create policy read on audit for select using (
  operator_id = any ((select reach('audit_read'))::bigint[]) or (operator_id is null and (select my_level()) = 0));
alter table audit_rest enable row level security;
create policy read on audit_rest for select using (operator_id = any ((select reach('audit_read'))::bigint[]));
select grant_to_holders('audit_read', 'select on audit');

create or replace function service.month_partition(history text, month date) returns void
language plpgsql set search_path = demarc, pg_temp as $$
declare
  name text := history || to_char(month, '_YYYY_MM');
  from_time timestamptz := month::timestamp at time zone 'UTC';
  to_time timestamptz := (month + interval '1 month')::timestamp at time zone 'UTC';
begin
  if to_regclass(name) is not null then
    return;
  end if;
  execute format('create table %I (like %I including defaults including constraints)', name, history);
  execute format('alter table %I enable row level security', name);
  execute format('create policy read on %I for select using (operator_id = any ((select reach(%L))::bigint[]))', name,
    case history when 'audit' then 'audit_read' else 'session_read' end);
  if history = 'audit' then
    execute format('with these as (delete from audit_rest where at >= $1 and at < $2 returning *)
      insert into %I select * from these', name) using from_time, to_time;
  end if;
  execute format('alter table %I attach partition %I for values from (%L) to (%L)', history, name, from_time, to_time);
end
$$;

-- Months that are to come, so that nothing has to be made while something is being written down.
create function service.prepare_audit() returns void
language sql security definer set search_path = demarc, pg_temp as $$
  select service.month_partition('audit', (date_trunc('month', now() at time zone 'UTC') + make_interval(months => n))::date)
  from generate_series(0, 2) n
$$;
grant execute on function service.prepare_audit() to demarc_service;

select service.month_partition('audit', month)
from (select distinct date_trunc('month', at at time zone 'UTC')::date as month from audit_before) m;
select service.prepare_audit();
insert into audit (id, at, tenant_id, operator_id, customer_id, staff_id, staff_name, login_role, record, record_id, action,
  before, after, host, program, address)
select b.id, b.at, b.tenant_id,
  coalesce(b.operator_id, (select o.id from operator o where o.tenant_id = b.tenant_id and o.parent_id is null)),
  b.customer_id, b.staff_id, b.staff_name, b.login_role, b.record, b.record_id, b.action, b.before, b.after, b.host,
  b.program, null
from audit_before b;
select setval('audit_number', coalesce(max(id), 0) + 1) from audit;
drop table audit_before;

alter table retention add audit_months integer not null default 60 check (audit_months between 3 and 240);

create or replace function audited(row_data jsonb) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_object_agg(key, case when key in ('secret', 'sealed') and value <> 'null' then '"•••"' else value end),
    '{}')
  from jsonb_each(row_data)
  where key <> all (array['version', 'name_folded', 'search_text', 'password_set_at'])
  having row_data is not null
$$;

create or replace function audit_change() returns trigger
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  old_row jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  new_row jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  row_data jsonb := coalesce(new_row, old_row);
  before jsonb := audited(old_row);
  after jsonb := audited(new_row);
  of_tenant_id bigint := case tg_table_name when 'tenant' then row_data ->> 'id' else row_data ->> 'tenant_id' end;
  who staff;
begin
  if tg_op = 'UPDATE' then
    -- only what changed; a secret that changed is named, both values masked
    select jsonb_object_agg(key, before -> key), jsonb_object_agg(key, after -> key)
    into before, after
    from jsonb_object_keys(after) key
    where old_row -> key is distinct from new_row -> key;
    -- what follows its customer to another operator is told with the customer
    if after is null or new_row ? 'customer_id' and after - 'operator_id' = '{}' then
      return null;
    end if;
  end if;
  select * into who from staff where login_role = session_user;
  if not found then
    -- for whom demarcd acts, if it is demarcd
    select * into who from staff where id = acting_distributor();
    if not found then
      who.name := 'customer:' || acting_customer();
    end if;
  end if;
  insert into audit (
    tenant_id, operator_id, customer_id, staff_id, staff_name,
    record, record_id, action, before, after, host, program
  ) values (
    of_tenant_id,
    case
      when tg_table_name = 'operator' then (row_data ->> 'id')::bigint
      when row_data ? 'operator_id' then (row_data ->> 'operator_id')::bigint
      -- what concerns a whole tenant concerns the provider
      else (select o.id from operator o where o.tenant_id = of_tenant_id and o.parent_id is null)
    end,
    case tg_table_name when 'customer' then (row_data ->> 'id')::bigint else (row_data ->> 'customer_id')::bigint end,
    who.id, who.name, tg_table_name,
    coalesce(row_data ->> 'id', row_data ->> 'router_id', row_data ->> 'staff_id', row_data ->> 'customer_id')::bigint,
    lower(tg_op), before, after,
    nullif(current_setting('demarc.host', true), ''), nullif(current_setting('demarc.program', true), '')
  );
  return null;
end
$$;
create trigger audit after insert or update or delete on router_access
  for each row execute function audit_change();

-- Old months go; so does what is old in the rest.
create or replace function service.forget(at_most integer) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  kept retention;
  old record;
  forgotten bigint := 0;
  these bigint;
begin
  perform service.prepare_audit();
  select * into kept from retention;
  for old in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent in ('radacct_history'::regclass, 'radpostauth_history'::regclass, 'audit'::regclass)
      and c.relname ~ '_[0-9]{4}_[0-9]{2}$'
      and to_date(right(c.relname, 7), 'YYYY_MM') < date_trunc('month', now() at time zone 'UTC')::date
        - make_interval(months => case i.inhparent when 'audit'::regclass then kept.audit_months
            else kept.history_months end)
  loop
    execute format('drop table %I', old.relname);
  end loop;
  delete from audit_rest where ctid = any (array(
    select ctid from audit_rest where at < now() - make_interval(months => kept.audit_months) limit at_most));
  get diagnostics these = row_count;
  forgotten := forgotten + these;
  delete from usage_day where ctid = any (array(
    select ctid from usage_day where day < current_date - kept.usage_days limit at_most));
  get diagnostics these = row_count;
  forgotten := forgotten + these;
  delete from live_change where ctid = any (array(
    select ctid from live_change where asked_at < now() - make_interval(days => kept.recent_days) limit at_most));
  get diagnostics these = row_count;
  forgotten := forgotten + these;
  delete from radius_stranger where last_at < now() - interval '7 days';
  return forgotten;
end
$$;
