-- Runs with their journal; templates, what each router was provisioned from, and configurations that were kept.

insert into role_permission (role, permission, held)
select unnest(roles), permission, 'always'
from (values
  ('provision', array['developer', 'super_admin', 'admin', 'operator', 'sub_operator', 'technician']),
  -- templates are the whole provider's
  ('template_write', array['developer', 'super_admin', 'admin'])
) p (permission, roles);
insert into role_permission (role, permission, held) values ('manager', 'provision', 'offered');

-- Whoever drives runs opens routers' secrets: both permissions are asked for, in the database too.
create function reach_provision() returns bigint[]
language sql stable security definer set search_path = demarc, pg_temp as $$
  select case when can('router_secret') then reach('provision') else '{}' end
$$;
select grant_to_holders('provision', 'execute on function reach_provision()');

-- Who did something is who is logged in, whatever they write.
create function by_myself() returns trigger
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  my_name text := (select name from staff where id = me());
begin
  if my_name is not null then
    if tg_table_name = 'router_template' then
      new.applied_by := my_name;
    else
      new.staff_name := my_name;
    end if;
  end if;
  return new;
end
$$;

-- What the audit leaves out: what is derived, and what is ciphertext or a whole text of its own.
create or replace function audited(row_data jsonb) returns jsonb
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_object_agg(key, case when key in ('secret', 'sealed') and value <> 'null' then '"•••"' else value end),
    '{}')
  from jsonb_each(row_data)
  where key <> all (array['version', 'name_folded', 'search_text', 'password_set_at', 'plan', 'holder', 'held_until', 'body',
    'binary_body', 'text', 'sections', 'digest', 'differences', 'looked_at', 'done', 'steps', 'at'])
  having row_data is not null
$$;

-- One data key for each router, sealed with the organisation's key. Whatever is kept of the router's configuration and may
-- hold secrets is sealed with it, so that a rotation seals one short row anew and not every backup.
create table router_key (
  router_id bigint primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  sealed bytea not null,
  generation integer not null,
  -- a rotation could not open it
  unreadable boolean not null default false,
  version integer not null default 1,
  foreign key (router_id, operator_id, tenant_id)
    references router (id, operator_id, tenant_id) on update cascade on delete cascade,
  foreign key (tenant_id, generation) references organisation_key (tenant_id, generation)
);
create index router_key_generation on router_key (tenant_id, generation);
create trigger newest before insert or update of sealed, generation on router_key
  for each row execute function under_newest_key();
alter table router_key enable row level security;
create policy read on router_key for select using (operator_id = any ((select reach('router_secret'))::bigint[]));
create policy add on router_key for insert with check (operator_id = any ((select reach('router_secret'))::bigint[]));
create policy of_ones_own on router_key as restrictive for insert with check (
  exists (select from router r where r.id = router_id and r.operator_id = router_key.operator_id));
select grant_to_holders('router_secret', 'select (router_id, tenant_id, operator_id, generation, unreadable) on router_key');
select grant_to_holders('router_secret', 'insert (router_id, tenant_id, operator_id, sealed, generation) on router_key');

-- Ciphertext is handed out one row at a time, to who may have it opened.
create function open_router_key(of_router_id bigint) returns table (sealed bytea, generation integer)
language sql stable security definer set search_path = demarc, pg_temp as $$
  select k.sealed, k.generation from router_key k
  where k.router_id = of_router_id and k.operator_id = any (reach('router_secret'))
$$;
select grant_to_holders('router_secret', 'execute on function open_router_key(bigint)');

-- A router whose key nobody can open any more gets another; what was sealed with the old one stays closed.
create function replace_router_key(of_router_id bigint, with_sealed bytea, of_generation integer) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  update router_key k set sealed = with_sealed, generation = of_generation, unreadable = false, version = version + 1
  where k.router_id = of_router_id and k.operator_id = any (reach('router_secret')) and (k.unreadable or not exists (
    select from sealed_key s where s.tenant_id = k.tenant_id and s.generation = k.generation));
  return found;
end
$$;
select grant_to_holders('router_secret', 'execute on function replace_router_key(bigint, bytea, integer)');

create function router_keys_before(of_tenant_id bigint, at_most integer)
returns table (router_id bigint, sealed bytea, generation integer, version integer)
language sql stable security definer set search_path = demarc, pg_temp as $$
  select a.router_id, a.sealed, a.generation, a.version
  from router_key a
  where can('key_rotate') and of_tenant_id = any (reach_tenant()) and a.tenant_id = of_tenant_id and not a.unreadable
    and a.generation < (select max(k.generation) from organisation_key k where k.tenant_id = of_tenant_id)
  order by a.router_id limit at_most
$$;

create function seal_router_key_anew(of_router_id bigint, as_of_version integer, with_sealed bytea) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  update router_key a set sealed = coalesce(with_sealed, a.sealed), unreadable = with_sealed is null,
    generation = case when with_sealed is null then a.generation else (
      select max(k.generation) from organisation_key k where k.tenant_id = a.tenant_id) end,
    version = a.version + 1
  where a.router_id = of_router_id and a.version = as_of_version and can('key_rotate')
    and a.tenant_id = any (reach_tenant())
$$;

-- As before, and the routers' keys with it.
create or replace function finish_rotation(of_tenant_id bigint) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  newest integer := (select max(generation) from organisation_key where tenant_id = of_tenant_id);
begin
  if not can('key_rotate') or not of_tenant_id = any (reach_tenant()) then
    raise exception 'this needs the permission key_rotate' using errcode = 'insufficient_privilege';
  elsif exists (select from sealed_before(of_tenant_id, 1)) or exists (select from router_keys_before(of_tenant_id, 1)) then
    return false;
  end if;
  delete from sealed_key where tenant_id = of_tenant_id and generation < newest;
  delete from organisation_key k
  where k.tenant_id = of_tenant_id and k.generation < newest
    and not exists (select from router_access a where a.tenant_id = k.tenant_id and a.generation = k.generation)
    and not exists (select from router_key a where a.tenant_id = k.tenant_id and a.generation = k.generation);
  return true;
end
$$;
select grant_to_holders('key_rotate', 'execute on function router_keys_before(bigint, integer),
  seal_router_key_anew(bigint, integer, bytea)');

-- Templates of the provider's own, and its changes of those that come with Demarc: a row for each version.
create table template (
  id bigint primary key generated always as identity,
  tenant_id bigint not null references tenant,
  name text not null check (name ~ '^[a-z][a-z0-9-]{0,39}$'),
  version integer not null check (version > 0),
  title text not null check (char_length(title) between 1 and 100),
  about text not null check (char_length(about) <= 500),
  sections text[] not null,
  -- JSON, kept as it was typed
  text text not null check (octet_length(text) between 2 and 262144),
  staff_id bigint references staff on delete set null,
  staff_name text not null,
  written_at timestamptz not null default now(),
  unique (tenant_id, name, version)
);
create trigger myself before insert on template for each row execute function by_myself();
create trigger audit after insert or update or delete on template for each row execute function audit_change();
alter table template enable row level security;
create policy read on template for select
  using (tenant_id = any ((select reach_tenant())::bigint[]) and (select can('router_read')));
create policy add on template for insert
  with check (tenant_id = any ((select reach_tenant())::bigint[]) and (select can('template_write')) and staff_id = me());
select grant_to_holders('router_read', 'select on template');
select grant_to_holders('template_write', 'insert (tenant_id, name, version, title, about, sections, text, staff_id, staff_name) on template');

-- What a router was provisioned from, and how it stands against that.
create table router_template (
  router_id bigint primary key,
  tenant_id bigint not null,
  operator_id bigint not null,
  template text not null,
  title text not null,
  template_version integer not null,
  -- without secrets
  blanks jsonb not null,
  -- everything that was applied, with its secrets
  sealed bytea not null,
  run_id bigint,
  applied_at timestamptz not null default now(),
  applied_by text not null,
  -- differences that somebody decided to keep: a list of {key, property}
  accepted jsonb not null default '[]',
  -- at the last look; none: nobody looked yet
  differences integer,
  looked_at timestamptz,
  foreign key (router_id, operator_id, tenant_id)
    references router (id, operator_id, tenant_id) on update cascade on delete cascade
);
create trigger myself before insert on router_template for each row execute function by_myself();
create trigger audit after insert or delete or update of template, template_version, blanks, sealed, accepted
  on router_template for each row execute function audit_change();
alter table router_template enable row level security;
create policy read on router_template for select using (operator_id = any ((select reach('router_read'))::bigint[]));
create policy add on router_template for insert with check (operator_id = any ((select reach_provision())::bigint[]));
create policy of_ones_own on router_template as restrictive for insert with check (
  exists (select from router r where r.id = router_id and r.operator_id = router_template.operator_id));
create policy change on router_template for update using (operator_id = any ((select reach_provision())::bigint[]));
select grant_to_holders(permission, privilege)
from (values
  ('router_read', 'select (router_id, tenant_id, operator_id, template, title, template_version, blanks, run_id, applied_at,
    applied_by, accepted, differences, looked_at) on router_template'),
  ('provision', 'insert (router_id, tenant_id, operator_id, template, title, template_version, blanks, sealed, run_id,
    applied_by) on router_template'),
  ('provision', 'update (template, title, template_version, blanks, sealed, run_id, applied_at, applied_by, accepted,
    differences, looked_at) on router_template')
) g (permission, privilege);

-- What a blank is filled with unless told otherwise, by an operator for itself and those beneath it.
create table blank_default (
  id bigint primary key generated always as identity,
  operator_id bigint not null,
  tenant_id bigint not null,
  name text not null check (name ~ '^[a-z][a-z0-9_]{0,39}$'),
  value text not null check (char_length(value) between 1 and 500),
  unique (operator_id, name),
  foreign key (operator_id, tenant_id) references operator (id, tenant_id) on update cascade on delete cascade
);
create trigger audit after insert or update or delete on blank_default for each row execute function audit_change();
alter table blank_default enable row level security;
create policy read on blank_default for select using (operator_id = any ((select reach('router_read'))::bigint[]));
-- what stands here leads log-ins and secrets of routers somewhere
create policy add on blank_default for insert
  with check (operator_id = any ((select reach_provision())::bigint[]) and (select can('router_write')));
create policy change on blank_default for update
  using (operator_id = any ((select reach_provision())::bigint[]) and (select can('router_write')));
select grant_to_holders(permission, privilege)
from (values
  ('router_read', 'select on blank_default'),
  ('provision', 'insert (operator_id, tenant_id, name, value) on blank_default'),
  ('provision', 'update (value) on blank_default')
) g (permission, privilege);

-- The defaults that hold for a router: its operator's before those of the operators above it.
create function blanks_of_router(of_router_id bigint) returns table (name text, value text)
language sql stable security definer set search_path = demarc, pg_temp as $$
  with recursive up (operator_id, parent_id, distance) as (
    select o.id, o.parent_id, 0 from router r join operator o on o.id = r.operator_id
    where r.id = of_router_id and r.operator_id = any (reach_provision())
    union all
    select o.id, o.parent_id, up.distance + 1 from up join operator o on o.id = up.parent_id)
  select distinct on (b.name) b.name, b.value
  from up join blank_default b on b.operator_id = up.operator_id
  order by b.name, up.distance
$$;
select grant_to_holders('provision', 'execute on function blanks_of_router(bigint)');

-- A run. Whoever drives it holds a lease; what is not held and not over was interrupted.
create table run (
  -- drawn before: what is sealed in a run is bound to it
  id bigint primary key generated by default as identity,
  tenant_id bigint not null,
  operator_id bigint not null,
  kind text not null check (kind in ('provision', 'restore')),
  title text not null,
  router_id bigint not null,
  state text not null default 'waiting'
    check (state in ('waiting', 'running', 'undoing', 'done', 'failed', 'undone', 'stuck')),
  cause text check (cause in ('failed', 'cancelled', 'asked')),
  staff_id bigint references staff on delete set null,
  staff_name text not null,
  -- what it was asked with, without secrets, and what was planned, masked
  plan jsonb not null,
  -- what is to be done, with its secrets
  sealed bytea not null,
  machine text not null default '',
  holder uuid,
  held_until timestamptz,
  asked_at timestamptz not null default now(),
  began_at timestamptz,
  ended_at timestamptz,
  done integer not null default 0,
  steps integer not null default 0,
  at text,
  problem jsonb,
  cancel_asked_by text,
  -- grows with each entry of the journal
  version bigint not null default 1,
  unique (id, operator_id, tenant_id),
  foreign key (router_id, operator_id, tenant_id)
    references router (id, operator_id, tenant_id) on update cascade on delete cascade
);
create index run_operator on run (operator_id, id);
create index run_router on run (router_id, id);
-- two runs on one router wait for each other
create unique index run_active on run (router_id) where state in ('running', 'undoing');
create trigger myself before insert on run for each row execute function by_myself();
create trigger audit after insert or update of state, cancel_asked_by on run for each row execute function audit_change();
alter table run enable row level security;
create policy read on run for select using (operator_id = any ((select reach('router_read'))::bigint[]));
create policy add on run for insert
  with check (operator_id = any ((select reach_provision())::bigint[]) and staff_id = me());
create policy of_ones_own on run as restrictive for insert with check (
  exists (select from router r where r.id = router_id and r.operator_id = run.operator_id));
select grant_to_holders(permission, privilege)
from (values
  ('router_read', 'select (id, tenant_id, operator_id, kind, title, router_id, state, cause, staff_id, staff_name, plan, machine,
    held_until, asked_at, began_at, ended_at, done, steps, at, problem, cancel_asked_by, version) on run'),
  ('provision', 'insert (id, tenant_id, operator_id, kind, title, router_id, staff_id, staff_name, plan, sealed, steps) on run')
) g (permission, privilege);

create function draw_run_id() returns bigint
language sql security definer set search_path = demarc, pg_temp as $$
  select nextval(pg_get_serial_sequence('demarc.run', 'id')) where can('provision')
$$;
select grant_to_holders('provision', 'execute on function draw_run_id()');

create table run_step (
  run_id bigint not null,
  position integer not null,
  tenant_id bigint not null,
  operator_id bigint not null,
  key text not null,
  title text not null,
  -- it changes something
  writes boolean not null,
  state text not null default 'pending'
    check (state in ('pending', 'running', 'done', 'failed', 'undoing', 'undone', 'stuck')),
  -- as on the console, masked
  commands jsonb not null default '[]',
  began_at timestamptz,
  ended_at timestamptz,
  said text not null default '',
  problem jsonb,
  -- what to type when it is stuck
  by_hand jsonb not null default '[]',
  -- what it wrote down before it acted, with its secrets
  sealed bytea,
  primary key (run_id, position),
  foreign key (run_id, operator_id, tenant_id)
    references run (id, operator_id, tenant_id) on update cascade on delete cascade
);
alter table run_step enable row level security;
create policy read on run_step for select using (operator_id = any ((select reach('router_read'))::bigint[]));
-- only into a run of one's own that nobody has begun
create policy add on run_step for insert with check (operator_id = any ((select reach_provision())::bigint[]));
create policy of_ones_own on run_step as restrictive for insert with check (exists (
  select from run r where r.id = run_id and r.operator_id = run_step.operator_id and r.staff_id = me() and r.began_at is null));
select grant_to_holders(permission, privilege)
from (values
  ('router_read', 'select (run_id, position, tenant_id, operator_id, key, title, writes, state, commands, began_at, ended_at, said,
    problem, by_hand) on run_step'),
  ('provision', 'insert (run_id, position, tenant_id, operator_id, key, title, writes, commands) on run_step')
) g (permission, privilege);

-- What happened, in the order in which it did.
create table run_note (
  id bigint primary key generated always as identity,
  run_id bigint not null,
  tenant_id bigint not null,
  operator_id bigint not null,
  at timestamptz not null default clock_timestamp(),
  who text not null,
  text text not null,
  foreign key (run_id, operator_id, tenant_id)
    references run (id, operator_id, tenant_id) on update cascade on delete cascade
);
create index run_note_run on run_note (run_id, id);
alter table run_note enable row level security;
create policy read on run_note for select using (operator_id = any ((select reach('router_read'))::bigint[]));
select grant_to_holders('router_read', 'select on run_note');

create function note_run(of_run run, by_whom text, says text) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  insert into run_note (run_id, tenant_id, operator_id, who, text)
  values (of_run.id, of_run.tenant_id, of_run.operator_id, left(by_whom, 200), left(says, 2000))
$$;

-- Takes a run, to drive it: `held`; `waits` for another run on the same router; `elsewhere`, where another machine drives it;
-- `over`, when there is nothing to do that way. None: there is no such run within reach.
create function hold_run(of_run_id bigint, as_holder uuid, for_seconds integer, at_machine text, backwards boolean) returns text
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  r run;
  me_name text := (select name from staff where id = me());
begin
  select * into r from run where id = of_run_id and operator_id = any (reach_provision()) for update;
  if not found then
    return null;
  elsif as_holder is null or for_seconds not between 5 and 600 then
    raise exception 'a run is held for 5 to 600 seconds' using errcode = 'check_violation';
  elsif r.state in ('running', 'undoing') and r.holder is distinct from as_holder and r.held_until > clock_timestamp() then
    return 'elsewhere';
  elsif not backwards and r.state not in ('waiting', 'running', 'undoing') then
    return 'over';
  elsif backwards and r.state in ('waiting', 'failed', 'undone') then
    return 'over';
  end if;
  begin
    update run set holder = as_holder, held_until = clock_timestamp() + make_interval(secs => for_seconds),
      machine = left(at_machine, 200), state = case when backwards or state = 'undoing' then 'undoing' else 'running' end,
      cause = case when backwards and state <> 'undoing' then 'asked' else cause end,
      began_at = coalesce(began_at, now()), ended_at = null, problem = case when backwards and state <> 'stuck' then problem end,
      cancel_asked_by = null, version = version + 1
    where id = r.id;
  exception when unique_violation then
    return 'waits';
  end;
  perform note_run(r, me_name, case
    when r.state = 'waiting' then 'begun on ' || at_machine
    when backwards and r.state <> 'undoing' then 'undo asked for, on ' || at_machine
    else 'taken over on ' || at_machine end);
  return 'held';
end
$$;

-- Holds on for a while. Lost: another machine has it.
create function renew_run(of_run_id bigint, as_holder uuid, for_seconds integer) returns table (lost boolean, cancel boolean)
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  r run;
begin
  update run set held_until = clock_timestamp() + make_interval(secs => least(for_seconds, 600))
  where id = of_run_id and holder = as_holder and operator_id = any (reach_provision()) returning * into r;
  lost := r.id is null;
  cancel := r.cancel_asked_by is not null and r.state = 'running';
  return next;
end
$$;

-- A step of a run is in another state. False: another machine has the run.
create function write_run_step(
  of_run_id bigint, as_holder uuid, of_position integer, to_state text, with_said text, with_problem jsonb, with_by_hand jsonb,
  with_sealed bytea, with_note text
) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  r run;
begin
  select * into r from run
  where id = of_run_id and holder = as_holder and operator_id = any (reach_provision()) for update;
  if not found then
    return false;
  end if;
  update run_step set state = to_state,
    began_at = case when to_state = 'pending' then null when to_state in ('running', 'undoing') then clock_timestamp()
      else began_at end,
    ended_at = case when to_state in ('pending', 'running', 'undoing') then null else clock_timestamp() end,
    said = coalesce(with_said, said), problem = with_problem, by_hand = coalesce(with_by_hand, '[]'),
    -- what was kept before the first action stays
    sealed = coalesce(sealed, with_sealed)
  where run_id = r.id and position = of_position;
  if not found then
    raise exception 'run % has no step %', r.id, of_position using errcode = 'check_violation';
  end if;
  update run set version = version + 1,
    done = (select count(*) from run_step s where s.run_id = r.id and s.state = 'done'),
    at = case when to_state in ('running', 'undoing') then (
      select title from run_step s where s.run_id = r.id and s.position = of_position) else at end
  where id = r.id;
  if with_note is not null then
    perform note_run(r, r.machine, with_note);
  end if;
  return true;
end
$$;

-- The run goes this way from here on, or is over: then it is held no more. `interrupted` only gives it back.
create function write_run(of_run_id bigint, as_holder uuid, to_state text, with_cause text, with_problem jsonb, with_note text)
returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  r run;
begin
  select * into r from run
  where id = of_run_id and holder = as_holder and operator_id = any (reach_provision()) for update;
  if not found then
    return false;
  end if;
  update run set version = version + 1, state = case when to_state = 'interrupted' then state else to_state end,
    cause = coalesce(with_cause, cause), problem = coalesce(with_problem, problem),
    at = case when to_state in ('running', 'undoing', 'interrupted') then at end,
    ended_at = case when to_state in ('running', 'undoing', 'interrupted') then null else clock_timestamp() end,
    holder = case when to_state in ('running', 'undoing') then holder end,
    held_until = case when to_state in ('running', 'undoing') then held_until end
  where id = r.id;
  if with_note is not null then
    perform note_run(r, r.machine, with_note);
  end if;
  return true;
end
$$;

-- Whoever drives it stops at the next place where it can be stopped, and undoes it; one that waits is over at once.
create function cancel_run(of_run_id bigint) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  r run;
  me_name text := (select name from staff where id = me());
begin
  update run set cancel_asked_by = me_name, version = version + 1,
    state = case when state = 'waiting' then 'undone' else state end,
    cause = case when state = 'waiting' then 'cancelled' else cause end,
    ended_at = case when state = 'waiting' then now() end
  where id = of_run_id and operator_id = any (reach_provision()) and cancel_asked_by is null
    and (state = 'waiting' or state = 'running' and held_until > clock_timestamp())
  returning * into r;
  if r.id is null then
    return false;
  end if;
  perform note_run(r, me_name, 'asked to cancel it');
  return true;
end
$$;
-- Nobody can finish or undo it now: it is left for a person at the router, and does not hold up other runs.
create function abandon_run(of_run_id bigint) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  r run;
  me_name text := (select name from staff where id = me());
begin
  update run set state = 'stuck', holder = null, held_until = null, ended_at = now(), version = version + 1
  where id = of_run_id and operator_id = any (reach_provision()) and state in ('running', 'undoing')
    and held_until > clock_timestamp() is not true
  returning * into r;
  if r.id is null then
    return false;
  end if;
  perform note_run(r, me_name, 'given up: what it had done may still be there');
  return true;
end
$$;
select grant_to_holders('provision', 'execute on function abandon_run(bigint)');
select grant_to_holders('provision', 'execute on function hold_run(bigint, uuid, integer, text, boolean),
  renew_run(bigint, uuid, integer), write_run_step(bigint, uuid, integer, text, text, jsonb, jsonb, bytea, text),
  write_run(bigint, uuid, text, text, jsonb, text), cancel_run(bigint)');

-- Configurations that were kept of routers: one row for each that differs from the one before.
create table config_backup (
  id bigint primary key generated always as identity,
  router_id bigint not null,
  tenant_id bigint not null,
  operator_id bigint not null,
  made_at timestamptz not null default now(),
  -- when it was last seen to be still so
  seen_at timestamptz not null default now(),
  reason text not null check (reason in ('schedule', 'hand', 'run')),
  release text not null,
  staff_name text,
  -- against the one before
  changed_lines integer,
  -- bytes of text
  size integer not null,
  -- of the text without what changes by itself, under the router's key
  digest bytea not null,
  -- compressed and sealed with the router's key: the export, and the router's own backup with its password
  body bytea not null,
  binary_body bytea,
  run_id bigint,
  foreign key (router_id, operator_id, tenant_id)
    references router (id, operator_id, tenant_id) on update cascade on delete cascade,
  foreign key (run_id, operator_id, tenant_id) references run (id, operator_id, tenant_id) on update cascade
);
create index config_backup_router on config_backup (router_id, id);
create trigger myself before insert on config_backup for each row execute function by_myself();
create trigger audit after insert or delete on config_backup for each row execute function audit_change();
alter table config_backup enable row level security;
create policy read on config_backup for select using (operator_id = any ((select reach('router_read'))::bigint[]));
create policy add on config_backup for insert with check (operator_id = any ((select reach_provision())::bigint[]));
create policy of_ones_own on config_backup as restrictive for insert with check (
  exists (select from router r where r.id = router_id and r.operator_id = config_backup.operator_id));
select grant_to_holders(permission, privilege)
from (values
  ('router_read', 'select (id, router_id, tenant_id, operator_id, made_at, seen_at, reason, release, staff_name, changed_lines,
    size, run_id) on config_backup'),
  ('provision', 'select (digest) on config_backup'),
  ('provision', 'insert (router_id, tenant_id, operator_id, reason, release, staff_name, changed_lines, size, digest, body,
    binary_body, run_id) on config_backup')
) g (permission, privilege);

-- Rows go by functions: whoever could delete a whole table could lock it.
create function drop_template(of_tenant_id bigint, of_name text) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  if not can('template_write') or not of_tenant_id = any (reach_tenant()) then
    raise exception 'this needs the permission template_write' using errcode = 'insufficient_privilege';
  end if;
  delete from template where tenant_id = of_tenant_id and name = of_name;
  return found;
end
$$;
select grant_to_holders('template_write', 'execute on function drop_template(bigint, text)');

create function drop_router_template(of_router_id bigint) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  delete from router_template where router_id = of_router_id and operator_id = any (reach_provision())
$$;

create function see_config_backup(of_id bigint) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  update config_backup set seen_at = now() where id = of_id and operator_id = any (reach_provision())
$$;

-- Not what a run may still need that can be undone.
create function drop_config_backup(of_id bigint) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  if exists (select from config_backup b join run u on u.id = b.run_id
    where b.id = of_id and b.operator_id = any (reach_provision()) and u.state in ('running', 'undoing', 'stuck')) then
    raise exception 'the run that it was made for is not over' using errcode = 'insufficient_privilege';
  end if;
  delete from config_backup where id = of_id and operator_id = any (reach_provision());
  return found;
end
$$;

-- Those that nobody asked for and that no run needs, beyond the newest of each router.
create function thin_config_backups(of_router_id bigint, keep integer) returns void
language sql security definer set search_path = demarc, pg_temp as $$
  delete from config_backup where router_id = of_router_id and operator_id = any (reach_provision())
    and reason = 'schedule' and id not in (
      select b.id from config_backup b where b.router_id = of_router_id order by b.id desc limit greatest(keep, 10))
$$;

create function drop_blank_default(of_operator_id bigint, of_name text) returns boolean
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  delete from blank_default where operator_id = of_operator_id and name = of_name and operator_id = any (reach_provision());
  return found;
end
$$;
select grant_to_holders('provision', 'execute on function drop_router_template(bigint), drop_config_backup(bigint), see_config_backup(bigint),
  thin_config_backups(bigint, integer), drop_blank_default(bigint, text)');

-- What is sealed with a router's key, one row at a time.
create function run_work(of_run_id bigint) returns bytea
language sql stable security definer set search_path = demarc, pg_temp as $$
  select sealed from run where id = of_run_id and operator_id = any (reach_provision())
$$;

create function run_journal(of_run_id bigint) returns table (state text, sealed bytea)
language sql stable security definer set search_path = demarc, pg_temp as $$
  select s.state, s.sealed from run_step s
  where s.run_id = of_run_id and s.operator_id = any (reach_provision()) order by s.position
$$;

create function applied_to_router(of_router_id bigint) returns bytea
language sql stable security definer set search_path = demarc, pg_temp as $$
  select sealed from router_template where router_id = of_router_id and operator_id = any (reach_provision())
$$;

create function snapshot_router_template(of_router_id bigint) returns jsonb
language sql stable security definer set search_path = demarc, pg_temp as $$
  select jsonb_build_object('template', template, 'title', title, 'template_version', template_version, 'blanks', blanks,
    'sealed', encode(sealed, 'hex'), 'run_id', run_id, 'applied_at', applied_at, 'applied_by', applied_by,
    'accepted', accepted, 'differences', differences, 'looked_at', looked_at)
  from router_template where router_id = of_router_id and operator_id = any (reach_provision())
$$;

-- The audit says who looked at a configuration with its secrets; not that it was compared, which masks them.
create function open_config_backup(of_id bigint, to_be_shown boolean) returns bytea
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  b config_backup;
begin
  select * into b from config_backup where id = of_id and operator_id = any (reach_provision()) and can('router_secret');
  if b.id is not null and to_be_shown then
    insert into audit (tenant_id, operator_id, staff_id, staff_name, record, record_id, action, host, program)
    select b.tenant_id, b.operator_id, s.id, s.name, 'config_backup', b.id, 'reveal',
      nullif(current_setting('demarc.host', true), ''), nullif(current_setting('demarc.program', true), '')
    from staff s where s.id = me();
  end if;
  return b.body;
end
$$;

-- The router's own backup, and the password that it was made with.
create function open_binary_backup(of_id bigint) returns bytea
language plpgsql security definer set search_path = demarc, pg_temp as $$
begin
  perform open_config_backup(of_id, true);
  return (select binary_body from config_backup where id = of_id and operator_id = any (reach_provision()));
end
$$;
select grant_to_holders('provision', 'execute on function open_binary_backup(bigint)');
select grant_to_holders('provision', 'execute on function run_work(bigint), run_journal(bigint), applied_to_router(bigint),
  snapshot_router_template(bigint), open_config_backup(bigint, boolean)');
