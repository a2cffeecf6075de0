-- Who may do what: tenants, operators, staff, their reach, and the audit of everything they change.
-- Run as demarc_owner by a superuser's session, with search_path = demarc.
-- The owner bypasses row-level security; nobody logs in as it, and functions that run as it check for themselves.

-- Functions are for those who are named, never for everybody.
alter default privileges revoke execute on functions from public;

-- Text that goes to FreeRADIUS as it is. FreeRADIUS takes a value in quotes or backticks as an expression and would run
-- it, with its own rights, for whoever may write the value.
create function is_plain(value text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select value !~ '[`"''\\%{}$]'
$$;

create table tenant (
  id bigint generated always as identity primary key,
  name text not null check (char_length(name) between 1 and 100),
  country text not null check (country ~ '^[A-Z]{2}$'),
  calling_code text not null check (calling_code ~ '^[0-9]{1,4}$'),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  time_zone text not null,
  -- what happens to suspended and expired customers when they log in
  suspended_policy text not null default 'reject' check (suspended_policy in ('reject', 'redirect')),
  suspended_pool text default 'demarc-suspended' check (is_plain(suspended_pool)),
  suspended_list text default 'demarc-suspended' check (is_plain(suspended_list)),
  suspended_rate_limit text default '256k/256k' check (is_plain(suspended_rate_limit)),
  version integer not null default 1,
  created_at timestamptz not null default now()
);

create table operator (
  id bigint generated always as identity primary key,
  tenant_id bigint not null references tenant,
  -- none: the provider itself
  parent_id bigint references operator,
  name text not null check (char_length(name) between 1 and 100),
  -- so that a row can name its operator and its tenant, and the two always agree
  unique (id, tenant_id)
);
create index operator_tenant_id on operator (tenant_id);

create table staff (
  id bigint generated always as identity primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  role text not null check (role in ('super_admin', 'admin')),
  name text not null check (char_length(name) between 1 and 100),
  -- the name to log in with; it leads to the role's name before anything can be read, so it is unique in the database
  name_folded text not null unique,
  login_role name not null unique,
  active boolean not null default true,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  foreign key (operator_id, tenant_id) references operator (id, tenant_id)
);

-- The tenants that a super admin owns.
create table tenant_owner (
  tenant_id bigint not null references tenant,
  staff_id bigint not null references staff,
  primary key (tenant_id, staff_id)
);

-- What a person chose for themselves, such as rows a page.
create table preference (
  staff_id bigint primary key references staff,
  value jsonb not null
);

create table audit (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  tenant_id bigint not null,
  operator_id bigint,
  -- whose history this belongs to
  customer_id bigint,
  -- none: the set-up, or the database's administrator
  staff_id bigint,
  staff_name text,
  login_role name not null default session_user,
  record text not null,
  record_id bigint not null,
  action text not null check (action in ('insert', 'update', 'delete', 'reveal')),
  before jsonb,
  after jsonb,
  -- from which machine and with which program, as the program said
  host text,
  program text
);
create index audit_customer_id on audit (customer_id, id desc);
create index audit_tenant_id on audit (tenant_id, id desc);

-- Identity. `session_user` is who logged in; unlike current_user it survives `set role` and definer functions.

create function me() returns bigint
language sql stable security definer set search_path = demarc, pg_temp as $$
  select id from staff where login_role = session_user and active
$$;

create function reach_tenant() returns bigint[]
language sql stable security definer set search_path = demarc, pg_temp as $$
  select coalesce(array_agg(t.id), '{}')
  from staff s
  join tenant t on case s.role
    when 'super_admin' then t.id in (select tenant_id from tenant_owner where staff_id = s.id)
    when 'admin' then t.id = s.tenant_id
    else false
  end
  where s.login_role = session_user and s.active
$$;

create function reach() returns bigint[]
language sql stable security definer set search_path = demarc, pg_temp as $$
  select coalesce(array_agg(id), '{}') from operator where tenant_id = any (reach_tenant())
$$;

-- Audit: one trigger for every business table.

-- What an audit row keeps of a row: everything but what is derived, with secrets masked.
create function audited(row_data jsonb) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select case
    when row_data ? 'secret' and row_data -> 'secret' <> 'null'
      then row_data || jsonb_build_object('secret', '•••')
    else row_data
  end - array['version', 'name_folded', 'search_text']
$$;

create function audit_change() returns trigger
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  old_row jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  new_row jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  row_data jsonb := coalesce(new_row, old_row);
  before jsonb := audited(old_row);
  after jsonb := audited(new_row);
begin
  if tg_op = 'UPDATE' then
    -- only what changed; a secret that changed is named, both values masked
    select jsonb_object_agg(key, before -> key), jsonb_object_agg(key, after -> key)
    into before, after
    from jsonb_object_keys(after) key
    where old_row -> key is distinct from new_row -> key;
    if after is null then
      return null;
    end if;
  end if;
  insert into audit (
    tenant_id, operator_id, customer_id, staff_id, staff_name,
    record, record_id, action, before, after, host, program
  )
  select
    case tg_table_name when 'tenant' then (row_data ->> 'id')::bigint else (row_data ->> 'tenant_id')::bigint end,
    case tg_table_name when 'operator' then (row_data ->> 'id')::bigint else (row_data ->> 'operator_id')::bigint end,
    case tg_table_name when 'customer' then (row_data ->> 'id')::bigint else (row_data ->> 'customer_id')::bigint end,
    who.id, who.name,
    tg_table_name, coalesce(row_data ->> 'id', row_data ->> 'staff_id')::bigint, lower(tg_op), before, after,
    nullif(current_setting('demarc.host', true), ''), nullif(current_setting('demarc.program', true), '')
  from (select 1) one
  left join staff who on who.login_role = session_user;
  return null;
end
$$;

create trigger audit after insert or update or delete on tenant for each row execute function audit_change();
create trigger audit after insert or update or delete on operator for each row execute function audit_change();
create trigger audit after insert or update or delete on staff for each row execute function audit_change();
create trigger audit after insert or update or delete on tenant_owner for each row execute function audit_change();

-- Policies and grants. A reach is computed once per statement: `(select …)` makes it so.

alter table tenant enable row level security;
create policy reach on tenant using (id = any ((select reach_tenant())::bigint[]));

alter table operator enable row level security;
create policy reach on operator using (id = any ((select reach())::bigint[]));

alter table staff enable row level security;
create policy reach on staff using (operator_id = any ((select reach())::bigint[]));

alter table tenant_owner enable row level security;
create policy reach on tenant_owner using (tenant_id = any ((select reach_tenant())::bigint[]));

alter table preference enable row level security;
create policy own on preference using (staff_id = (select me()));

alter table audit enable row level security;
create policy reach on audit using (tenant_id = any ((select reach_tenant())::bigint[]));

grant usage on schema demarc to demarc_super_admin, demarc_admin;
grant execute on function is_plain(text), me(), reach_tenant(), reach() to demarc_super_admin, demarc_admin;
grant select on tenant, operator, staff, tenant_owner, audit to demarc_super_admin, demarc_admin;
grant update (name, time_zone, suspended_policy, suspended_pool, suspended_list, suspended_rate_limit, version)
  on tenant to demarc_super_admin, demarc_admin;
grant select, insert, update on preference to demarc_super_admin, demarc_admin;

-- Making staff. The verifier is computed by the program, so no password ever reaches the server.

reset role;
create function demarc.make_login(login_role text, verifier text, group_role text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  -- one lock for whoever changes roles in this cluster, as in cluster.sql
  perform pg_advisory_xact_lock(x'64656d6172'::bigint);
  if verifier !~ '^SCRAM-SHA-256\$[0-9]{4,7}:[A-Za-z0-9+/]{16,}={0,2}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$' then
    raise exception 'not a SCRAM-SHA-256 verifier' using errcode = 'invalid_parameter_value';
  end if;
  execute format('create role %I login password %L in role %I', login_role, verifier, group_role);
end
$$;
grant create, usage on schema demarc to demarc_role_maker;
alter function demarc.make_login(text, text, text) owner to demarc_role_maker;
revoke create on schema demarc from demarc_role_maker;
revoke all on function demarc.make_login(text, text, text) from public;
grant execute on function demarc.make_login(text, text, text) to demarc_owner;
set role demarc_owner;

-- A person who may log in. Super admins make admins of the tenants that they own; a super admin is made at set-up.
create function create_staff(
  for_tenant_id bigint, for_role text, with_name text, with_name_folded text, verifier text
) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  made bigint;
  -- the program computes the same before anything can be read; nobody may choose another
  role_name text := 'demarc_' || left(encode(sha256(
    convert_to(current_database(), 'UTF8') || '\x00'::bytea || convert_to(with_name_folded, 'UTF8')), 'hex'), 24);
begin
  if not (
    pg_has_role(session_user, 'demarc_owner', 'member')
    or (
      for_role = 'admin'
      and exists (
        select from staff s join tenant_owner o on o.staff_id = s.id
        where s.login_role = session_user and s.active and s.role = 'super_admin' and o.tenant_id = for_tenant_id
      )
    )
  ) then
    raise exception 'not allowed to make this person' using errcode = 'insufficient_privilege';
  end if;
  insert into staff (tenant_id, operator_id, role, name, name_folded, login_role)
  select for_tenant_id, o.id, for_role, with_name, with_name_folded, role_name
  from operator o
  where o.tenant_id = for_tenant_id and o.parent_id is null
  returning id into strict made;
  perform make_login(role_name, verifier, 'demarc_' || for_role);
  return made;
end
$$;
grant execute on function create_staff(bigint, text, text, text, text) to demarc_super_admin;
