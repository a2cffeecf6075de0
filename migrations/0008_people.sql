-- People and operators: made, changed and taken away through functions that check who asks. Nobody manages who is not
-- beneath them, and nobody gives more than they have.

-- Log-in roles. The verifiers are computed by the program, so no password ever reaches the server; these functions know
-- no staff, and are called by those that do.

reset role;
drop function demarc.make_login(text, text, text) cascade;

create function demarc.require_verifier(verifier text) returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  if verifier is null
    or verifier !~ '^SCRAM-SHA-256\$[0-9]{4,7}:[A-Za-z0-9+/]{16,}={0,2}\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$' then
    raise exception 'not a SCRAM-SHA-256 verifier' using errcode = 'invalid_parameter_value';
  end if;
end
$$;

-- A role of that name may be left from a database of the same name that was dropped: it is taken over, if it is nothing
-- but a log-in of ours. DM004: it is something else's.
create function demarc.make_login(login_role text, verifier text, group_role text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  other name;
begin
  -- one lock for whoever changes roles in this cluster, as in cluster.sql
  perform pg_advisory_xact_lock(x'64656d6172'::bigint);
  perform demarc.require_verifier(verifier);
  if to_regrole(quote_ident(login_role)) is null then
    execute format('create role %I login password %L in role %I', login_role, verifier, group_role);
  else
    begin
      if exists (
        select from pg_roles r where r.rolname = login_role
          and (r.rolsuper or r.rolcreaterole or r.rolcreatedb or r.rolreplication or r.rolbypassrls
            or exists (
              select from pg_auth_members m join pg_roles g on g.oid = m.roleid
              where m.member = r.oid and g.rolname !~ '^demarc_[a-z_]+$'))
      ) then
        raise insufficient_privilege;
      end if;
      for other in
        select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid
        where m.member = login_role::regrole
      loop
        execute format('revoke %I from %I', other, login_role);
      end loop;
      -- since PostgreSQL 16, what somebody else granted stays
      if exists (select from pg_auth_members where member = login_role::regrole) then
        raise insufficient_privilege;
      end if;
      execute format('alter role %I login password %L connection limit -1 valid until ''infinity''', login_role, verifier);
      execute format('grant %I to %I', group_role, login_role);
    exception when insufficient_privilege then
      raise exception 'the role % of this server is not one of ours to take over', login_role using errcode = 'DM004';
    end;
  end if;
  execute format('grant connect on database %I to %I', current_database(), login_role);
end
$$;

-- A restored database may name roles that this server does not have: there is nothing to change then.
create function demarc.change_login(login_role text, new_name text, from_group text, to_group text, may_log_in boolean)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(x'64656d6172'::bigint);
  if to_regrole(quote_ident(login_role)) is null then
    return;
  end if;
  if from_group <> to_group then
    execute format('revoke %I from %I', from_group, login_role);
    if exists (
      select from pg_auth_members where member = login_role::regrole and roleid = from_group::regrole) then
      raise exception 'the role % was put into % by somebody else', login_role, from_group using errcode = 'DM004';
    end if;
    execute format('grant %I to %I', to_group, login_role);
  end if;
  execute format('alter role %I %s', login_role, case when may_log_in then 'login' else 'nologin' end);
  if new_name <> login_role then
    if to_regrole(quote_ident(new_name)) is not null then
      raise exception 'the role % of this server is not one of ours to take over', new_name using errcode = 'DM004';
    end if;
    execute format('alter role %I rename to %I', login_role, new_name);
  end if;
end
$$;

create function demarc.change_verifier(login_role text, verifier text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_advisory_xact_lock(x'64656d6172'::bigint);
  perform demarc.require_verifier(verifier);
  execute format('alter role %I password %L', login_role, verifier);
end
$$;

create function demarc.end_log_ins(login_role text) returns bigint
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select count(*) from (
    select pg_terminate_backend(pid) as gone from pg_stat_activity where usename = login_role and pid <> pg_backend_pid()
  ) s where gone
$$;

grant create, usage on schema demarc to demarc_role_maker;
do $$
declare
  made text;
begin
  foreach made in array array['require_verifier(text)', 'make_login(text, text, text)',
    'change_login(text, text, text, text, boolean)', 'change_verifier(text, text)', 'end_log_ins(text)'] loop
    execute format('alter function demarc.%s owner to demarc_role_maker', made);
    execute format('revoke all on function demarc.%s from public', made);
    execute format('grant execute on function demarc.%s to demarc_owner', made);
  end loop;
end
$$;
revoke create on schema demarc from demarc_role_maker;
set role demarc_owner;

-- Who may manage whom.

-- The database's own administrator, for what nobody inside it may do.
create function is_administrator() returns boolean
language sql stable security definer set search_path = demarc, pg_temp as $$
  select pg_has_role(session_user, 'demarc_owner', 'member')
$$;

create function require_permission(permission text) returns void
language plpgsql stable security definer set search_path = demarc, pg_temp as $$
begin
  if not can(permission) and not is_administrator() then
    raise exception 'this needs the permission %', permission using errcode = 'insufficient_privilege';
  end if;
end
$$;

-- Whether the person who asks may make, change or take away somebody of this role, place and permissions.
create function require_management(of_operator_id bigint, of_role text, given text[]) returns void
language plpgsql stable security definer set search_path = demarc, pg_temp as $$
declare
  more text;
begin
  if is_administrator() then
    return;
  end if;
  perform require_permission('staff_manage');
  if level_of(of_role) <= my_level() or of_operator_id is null or not of_operator_id = any (reach('staff_manage')) then
    raise exception 'this person is not beneath you' using errcode = 'insufficient_privilege';
  end if;
  select string_agg(r.permission, ', ' order by r.permission) into more
  from role_permission r
  where r.role = of_role and (r.held = 'always' or r.permission = any (given)) and not can(r.permission);
  if more is not null then
    raise exception 'nobody gives more than they have: %', more using errcode = 'insufficient_privilege';
  end if;
end
$$;

-- A role belongs to a level of the tree. DM006: not here. What may be given by hand is in the list.
create function require_place(for_operator_id bigint, for_role text, given text[]) returns void
language plpgsql stable security definer set search_path = demarc, pg_temp as $$
declare
  o operator;
begin
  select * into o from operator where id = for_operator_id and closed_at is null;
  if (for_role = 'developer') <> (o.id is null)
    or for_role in ('super_admin', 'admin') and o.depth <> 0
    or for_role = 'operator' and o.depth <> 1
    or for_role = 'sub_operator' and o.depth <> 2 then
    raise exception 'this role has no place there' using errcode = 'DM006';
  end if;
  if exists (
    select from unnest(given) g (permission) where not exists (
      select from role_permission r where r.role = for_role and r.permission = g.permission and r.held <> 'always')
  ) then
    raise exception 'this role cannot be given that' using errcode = 'DM006';
  end if;
end
$$;

-- DM003: nobody would be left who may do everything in a tenant. Whoever takes somebody away holds the tenants' rows, so
-- that two who take each other away do not both see the other one there.
create function require_admin_left(of_tenants bigint[]) returns void
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  perform from tenant where id = any (of_tenants) order by id for no key update;
  if exists (
    select from unnest(of_tenants) t (id) where not exists (
      select from staff s
      where s.active and (s.role = 'admin' and s.tenant_id = t.id
        or s.role = 'super_admin' and exists (
          select from tenant_owner o where o.tenant_id = t.id and o.staff_id = s.id)))
  ) then
    raise exception 'nobody would be left who may do everything there' using errcode = 'DM003';
  end if;
end
$$;

create function tenants_of(s staff) returns bigint[]
language sql stable security definer set search_path = demarc, pg_temp as $$
  select case s.role
    when 'super_admin' then array(select tenant_id from tenant_owner where staff_id = s.id)
    when 'admin' then array[s.tenant_id]
    else '{}'
  end
$$;

-- The program computes the same before anything can be read; nobody may choose another.
create function login_role_of(folded text) returns text
language sql stable set search_path = demarc, pg_temp as $$
  select 'demarc_' || left(encode(sha256(
    convert_to(current_database(), 'UTF8') || '\x00'::bytea || convert_to(folded, 'UTF8')), 'hex'), 24)
$$;

-- What happened to a person's log-in is no column of theirs.
create function audit_person(s staff, what text, detail jsonb) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  insert into audit (tenant_id, operator_id, staff_id, staff_name, record, record_id, action, after, host, program)
  select s.tenant_id, s.operator_id, who.id, who.name, 'staff', s.id, what, detail,
    nullif(current_setting('demarc.host', true), ''), nullif(current_setting('demarc.program', true), '')
  from (select 1) one left join staff who on who.login_role = session_user
$$;

-- The person that is meant, if the one who asks may manage them; held until the end of the transaction. None: there is
-- nobody of that number within reach. Oneself is managed by somebody else.
create function managed(of_staff_id bigint) returns staff
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  s staff;
begin
  -- twice: nothing of somebody else's is held before it is known that one may, nor changed after it was looked at
  for held in 1..2 loop
    select * into s from staff where id = of_staff_id;
    if s.id is null or not is_administrator() and not coalesce(
      s.id = me() or s.operator_id = any (reach('staff_manage')) or my_level() = 0, false) then
      return null;
    end if;
    if s.id = me() then
      raise exception 'this is you: ask somebody above you' using errcode = 'insufficient_privilege';
    end if;
    perform require_management(s.operator_id, s.role, s.permissions);
    if held = 1 then
      -- roles before rows, always in this order
      perform pg_advisory_xact_lock(x'64656d6172'::bigint);
      perform from staff where id = of_staff_id for update;
    end if;
  end loop;
  return s;
end
$$;

drop function create_staff(bigint, text, text, text, text);
-- A person; with a verifier, one who may log in. A super admin owns the tenant that it is made in.
create function create_staff(
  for_operator_id bigint, for_role text, with_name text, with_name_folded text, verifier text, given text[]
) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  made bigint;
  role_name text := case when for_role <> 'card_distributor' then login_role_of(with_name_folded) end;
begin
  perform require_management(for_operator_id, for_role, given);
  perform require_place(for_operator_id, for_role, given);
  perform pg_advisory_xact_lock(x'64656d6172'::bigint);
  insert into staff (tenant_id, operator_id, role, name, name_folded, login_role, permissions)
  select o.tenant_id, o.id, for_role, with_name, with_name_folded, role_name, given
  from (select 1) one left join operator o on o.id = for_operator_id
  returning id into made;
  if for_role = 'super_admin' then
    insert into tenant_owner (tenant_id, staff_id) select o.tenant_id, made from operator o where o.id = for_operator_id;
  end if;
  if role_name is not null then
    perform make_login(role_name, verifier, 'demarc_' || for_role);
  end if;
  return made;
end
$$;

-- Changes a person that is still as it was read. None: there is nobody; false: it was changed meanwhile.
create function edit_staff(
  of_staff_id bigint, as_of_version integer, with_name text, with_name_folded text, with_role text,
  at_operator_id bigint, given text[]
) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  s staff := managed(of_staff_id);
  role_name text := case when with_role <> 'card_distributor' then login_role_of(with_name_folded) end;
begin
  if s.id is null then
    return null;
  elsif s.version <> as_of_version then
    return false;
  elsif (s.role = 'card_distributor') <> (with_role = 'card_distributor')
    or (s.role in ('developer', 'super_admin') or with_role in ('developer', 'super_admin')) and s.role <> with_role then
    raise exception 'this role is not changed into that one' using errcode = 'DM006';
  end if;
  perform require_management(at_operator_id, with_role, given);
  perform require_place(at_operator_id, with_role, given);
  if s.tenant_id <> (select tenant_id from operator where id = at_operator_id) then
    raise exception 'nobody moves to another tenant' using errcode = 'DM006';
  end if;
  update staff set name = with_name, name_folded = with_name_folded, login_role = role_name, role = with_role,
    operator_id = at_operator_id, permissions = given, version = version + 1
  where id = s.id;
  perform require_admin_left(tenants_of(s));
  if role_name is not null then
    perform change_login(s.login_role, role_name, 'demarc_' || s.role, 'demarc_' || with_role, s.active);
  end if;
  return true;
end
$$;

-- Lets a person log in, or not any more. None: there is nobody. Their sessions are ended after this is committed.
create function set_staff_active(of_staff_id bigint, is_active boolean) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  s staff := managed(of_staff_id);
begin
  if s.id is null then
    return null;
  elsif s.active = is_active then
    return true;
  end if;
  if is_active then
    perform require_place(s.operator_id, s.role, s.permissions);
  end if;
  update staff set active = is_active, version = version + 1 where id = s.id;
  perform require_admin_left(tenants_of(s));
  if s.login_role is not null then
    perform change_login(s.login_role, s.login_role, 'demarc_' || s.role, 'demarc_' || s.role, is_active);
  end if;
  return true;
end
$$;

-- Ends a person's open sessions, wherever they are. Returns how many. Oneself: the others of one's own.
create function end_staff_sessions(of_staff_id bigint) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  s staff;
begin
  if of_staff_id = me() then
    select * into s from staff where id = me();
  else
    s := managed(of_staff_id);
  end if;
  if s.login_role is null then
    return 0;
  end if;
  return end_log_ins(s.login_role);
end
$$;

-- Tenants.

create function create_tenant(
  with_name text, with_name_folded text, in_country text, with_calling_code text, with_currency text, in_time_zone text
) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  made bigint;
begin
  perform require_permission('tenant_manage');
  insert into tenant (name, country, calling_code, currency, time_zone)
  values (with_name, in_country, with_calling_code, with_currency, in_time_zone)
  returning id into made;
  insert into operator (tenant_id, name, name_folded) values (made, with_name, with_name_folded);
  insert into tenant_owner (tenant_id, staff_id) select made, s.id from staff s where s.id = me() and s.role = 'super_admin';
  return made;
end
$$;

-- Developers say which super admins own a tenant. None: there is no such tenant or super admin.
create function set_tenant_owner(of_tenant_id bigint, of_staff_id bigint, owns boolean) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  if not is_administrator() and my_level() is distinct from 0 then
    raise exception 'developers say who owns a tenant' using errcode = 'insufficient_privilege';
  end if;
  if not exists (select from tenant where id = of_tenant_id)
    or not exists (select from staff where id = of_staff_id and role = 'super_admin') then
    return null;
  end if;
  if owns then
    insert into tenant_owner (tenant_id, staff_id) values (of_tenant_id, of_staff_id) on conflict do nothing;
  else
    delete from tenant_owner where tenant_id = of_tenant_id and staff_id = of_staff_id;
    perform require_admin_left(array[of_tenant_id]);
  end if;
  return true;
end
$$;

-- Operators.

-- The operator that is meant, held until the end; none: not within reach, closed, or the provider itself.
create function managed_operator(of_operator_id bigint) returns operator
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  o operator;
begin
  perform require_permission('operator_manage');
  if not exists (select from operator where id = of_operator_id and id = any (reach('operator_manage'))) then
    return null;
  end if;
  perform pg_advisory_xact_lock(x'64656d6172'::bigint);
  select * into o from operator
  where id = of_operator_id and closed_at is null and id = any (reach('operator_manage')) for update;
  if o.id = (select operator_id from staff where id = me()) or o.depth = 0 then
    raise exception 'this operator is not beneath you' using errcode = 'insufficient_privilege';
  end if;
  return o;
end
$$;

create function create_operator(under_operator_id bigint, with_name text, with_name_folded text) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  parent operator;
  made bigint;
begin
  perform require_permission('operator_manage');
  select * into parent from operator
  where id = under_operator_id and closed_at is null and id = any (reach('operator_manage')) for share;
  if not found then
    return null;
  elsif parent.depth = 2 then
    raise exception 'a sub-operator has none beneath it' using errcode = 'DM005';
  end if;
  insert into operator (tenant_id, parent_id, name, name_folded, depth)
  values (parent.tenant_id, parent.id, with_name, with_name_folded, parent.depth + 1)
  returning id into made;
  return made;
end
$$;

create function rename_operator(of_operator_id bigint, as_of_version integer, with_name text, with_name_folded text)
returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  o operator := managed_operator(of_operator_id);
begin
  if o.id is null then
    return null;
  elsif o.version <> as_of_version then
    return false;
  end if;
  update operator set name = with_name, name_folded = with_name_folded, version = version + 1 where id = o.id;
  return true;
end
$$;

-- Puts an operator, with what is beneath it, under another one; operators become sub-operators or the other way round,
-- and so do the people who run them. DM005: too deep.
create function place_operator(o operator, parent operator) returns void
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  s staff;
  role_now text;
begin
  if parent.depth = 2 or parent.depth = 1 and exists (
    select from operator where parent_id = o.id and closed_at is null) then
    raise exception 'the tree has three levels: provider, operators, sub-operators' using errcode = 'DM005';
  end if;
  -- those that were closed stay within the reach of who is above, and need no room
  update operator set parent_id = parent.id, depth = parent.depth + 1 where parent_id = o.id and closed_at is not null;
  update operator set parent_id = parent.id, depth = parent.depth + 1, version = version + 1 where id = o.id;
  update operator set depth = parent.depth + 2 where parent_id = o.id and depth <> parent.depth + 2;
  perform settle(id) from operator where id = o.id or parent_id = o.id order by id;
  for s in
    select p.* from staff p join operator at on at.id = p.operator_id
    where (at.id = o.id or at.parent_id = o.id) and p.role in ('operator', 'sub_operator')
  loop
    role_now := case (select depth from operator where id = s.operator_id) when 1 then 'operator' else 'sub_operator' end;
    if role_now <> s.role then
      update staff set role = role_now, version = version + 1 where id = s.id;
      perform change_login(s.login_role, s.login_role, 'demarc_' || s.role, 'demarc_' || role_now, s.active);
    end if;
  end loop;
end
$$;

-- A name, as written and folded, that is kept apart by where it comes from if it is taken.
create function name_beside(name text, folded text, taken text[], whose operator) returns text[]
language plpgsql stable set search_path = demarc, pg_temp as $$
declare
  beside text[] := array[name, folded];
  n integer := 1;
begin
  while beside[2] = any (taken) loop
    beside := array[
      left(name, 60) || ' (' || left(whose.name, 30) || case when n > 1 then ' ' || n else '' end || ')',
      left(folded, 60) || ' (' || left(whose.name_folded, 30) || case when n > 1 then ' ' || n else '' end || ')'];
    n := n + 1;
  end loop;
  return beside;
end
$$;

-- An operator's customers have packages and zones of its own or of an operator above it: what is of somebody else is copied,
-- so that nobody decides what the customers of others pay and get.
create function settle(of_operator_id bigint) returns void
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  o operator;
  from_above bigint[];
  p package;
  z zone;
  called text[];
  put bigint;
begin
  select * into o from operator where id = of_operator_id;
  from_above := array[o.id, o.parent_id, (select parent_id from operator where id = o.parent_id)];
  for p in
    select * from package where id in (select package_id from customer where operator_id = o.id)
      and operator_id <> all (array_remove(from_above, null)) order by id
  loop
    called := name_beside(p.name, p.name_folded, array(select name_folded from package where operator_id = o.id),
      (select s from operator s where s.id = p.operator_id));
    insert into package (tenant_id, operator_id, name, name_folded, rate_limit, volume_bytes, hours, validity_days, price,
      address_pool, max_sessions)
    values (p.tenant_id, o.id, called[1], called[2], p.rate_limit, p.volume_bytes, p.hours, p.validity_days, p.price,
      p.address_pool, p.max_sessions)
    returning id into put;
    update customer set package_id = put, version = version + 1 where package_id = p.id and operator_id = o.id;
  end loop;
  for z in
    select * from zone where id in (select zone_id from customer where operator_id = o.id)
      and operator_id <> all (array_remove(from_above, null)) order by id
  loop
    select id into put from zone where operator_id = o.id and name_folded = z.name_folded;
    if put is null then
      insert into zone (tenant_id, operator_id, name, name_folded) values (z.tenant_id, o.id, z.name, z.name_folded)
      returning id into put;
    end if;
    update customer set zone_id = put, version = version + 1 where zone_id = z.id and operator_id = o.id;
  end loop;
end
$$;

-- Hands an operator's customers to another operator of the tenant. With `all_of_it`, its zones, packages and routers go too;
-- else those that the customers need are copied, as the operator goes on using them.
-- Bills, payments, devices, log-ins and usage follow their customer; so do recent sessions and attempts. History stays with
-- who it was. Cost: a row for each day of usage, bill, payment, device and log-in of each customer.
create function hand_over(from_operator operator, to_operator_id bigint, all_of_it boolean) returns void
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  moving record;
  called text[];
  put bigint;
begin
  if all_of_it then
    for moving in
      select 'router' as kind, id, name, name_folded from router where operator_id = from_operator.id
      union all select 'package', id, name, name_folded from package where operator_id = from_operator.id
      order by 1, 2
    loop
      -- taken is also what comes later
      if moving.kind = 'router' then
        called := name_beside(moving.name, moving.name_folded, array(select name_folded from router
          where operator_id in (to_operator_id, from_operator.id) and id <> moving.id), from_operator);
        update router set operator_id = to_operator_id, name = called[1], name_folded = called[2], version = version + 1
        where id = moving.id;
        update router_heard set operator_id = to_operator_id where router_id = moving.id;
      else
        called := name_beside(moving.name, moving.name_folded, array(select name_folded from package
          where operator_id in (to_operator_id, from_operator.id) and id <> moving.id), from_operator);
        update package set operator_id = to_operator_id, name = called[1], name_folded = called[2], version = version + 1
        where id = moving.id;
      end if;
    end loop;
    for moving in select * from zone where operator_id = from_operator.id order by id loop
      -- a zone of the same name is the same zone
      select id into put from zone where operator_id = to_operator_id and name_folded = moving.name_folded;
      if put is null then
        update zone set operator_id = to_operator_id, version = version + 1 where id = moving.id;
      else
        update customer set zone_id = put, version = version + 1 where zone_id = moving.id;
        delete from zone where id = moving.id;
      end if;
    end loop;
  end if;
  update radacct set operator_id = to_operator_id
  where customer_id in (select id from customer where operator_id = from_operator.id);
  update radpostauth set operator_id = to_operator_id
  where customer_id in (select id from customer where operator_id = from_operator.id);
  update live_change set operator_id = to_operator_id
  where customer_id in (select id from customer where operator_id = from_operator.id);
  update customer set operator_id = to_operator_id, version = version + 1 where operator_id = from_operator.id;
  perform settle(to_operator_id);
end
$$;

-- Another operator of the same tenant, open and within reach, to take something over; none: there is no such.
create function successor(of_operator operator, successor_id bigint) returns operator
language sql stable security definer set search_path = demarc, pg_temp as $$
  select s from operator s
  where s.id = successor_id and s.tenant_id = of_operator.tenant_id and s.closed_at is null
    and s.id = any (reach('operator_manage'))
    -- not itself, and not beneath it
    and s.id <> of_operator.id and s.parent_id is distinct from of_operator.id
$$;

-- Moves an operator under another one. Its customers go along, or to `customers_to`. None: there is no such operator;
-- false: it was changed meanwhile.
create function move_operator(
  of_operator_id bigint, as_of_version integer, under_operator_id bigint, customers_to bigint
) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  o operator := managed_operator(of_operator_id);
  parent operator;
begin
  if o.id is null then
    return null;
  elsif o.version <> as_of_version then
    return false;
  end if;
  parent := successor(o, under_operator_id);
  if parent.id is null then
    return null;
  end if;
  if customers_to is not null then
    if (successor(o, customers_to)).id is null then
      return null;
    end if;
    perform hand_over(o, customers_to, false);
  end if;
  perform place_operator(o, parent);
  return true;
end
$$;

-- Closes an operator: what it had, and what is beneath it, becomes its successor's; its people log in no more.
create function close_operator(of_operator_id bigint, as_of_version integer, successor_id bigint) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  o operator := managed_operator(of_operator_id);
  heir operator;
  beneath operator;
  called text[];
  s staff;
begin
  if o.id is null then
    return null;
  elsif o.version <> as_of_version then
    return false;
  end if;
  heir := successor(o, successor_id);
  if heir.id is null then
    return null;
  end if;
  -- first, so that what was above those beneath is above them still
  perform hand_over(o, heir.id, true);
  for beneath in select * from operator where parent_id = o.id and closed_at is null order by id loop
    called := name_beside(beneath.name, beneath.name_folded, array(
      select name_folded from operator
      where parent_id in (heir.id, o.id) and closed_at is null and id <> beneath.id), o);
    update operator set name = called[1], name_folded = called[2] where id = beneath.id;
    perform place_operator(beneath, heir);
  end loop;
  for s in select * from staff where operator_id = o.id and active loop
    update staff set active = false, version = version + 1 where id = s.id;
    if s.login_role is not null then
      perform change_login(s.login_role, s.login_role, 'demarc_' || s.role, 'demarc_' || s.role, false);
    end if;
  end loop;
  update operator set closed_at = now(), version = version + 1 where id = o.id;
  return true;
end
$$;

select grant_to_holders(permission, privilege)
from (values
  ('staff_manage', 'execute on function create_staff(bigint, text, text, text, text, text[]),
    edit_staff(bigint, integer, text, text, text, bigint, text[]), set_staff_active(bigint, boolean)'),
  (null, 'execute on function end_staff_sessions(bigint)'),
  ('tenant_manage', 'execute on function create_tenant(text, text, text, text, text, text),
    set_tenant_owner(bigint, bigint, boolean)'),
  ('operator_manage', 'execute on function create_operator(bigint, text, text),
    rename_operator(bigint, integer, text, text), move_operator(bigint, integer, bigint, bigint),
    close_operator(bigint, integer, bigint)')
) g (permission, privilege);
