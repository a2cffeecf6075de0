-- "Why can't this customer log in?", and what becomes of old sessions and attempts.

-- when a password was last given, so that an older attempt with another is told apart
alter table login add secret_set_at timestamptz not null default now();
grant select (secret_set_at) on login to demarc_super_admin, demarc_admin;

create function note_secret() returns trigger
language plpgsql set search_path = demarc, pg_temp as $$
begin
  new.secret_set_at := now();
  return new;
end
$$;
create trigger note_secret before update of secret on login for each row
  when (old.secret is distinct from new.secret) execute function note_secret();

-- What RADIUS would decide about a log-in, and from which facts: its own function is asked, and every fact is found out.
-- Nothing comes back for a customer out of reach. No secret is in it.
create function explain_log_in(of_customer_id bigint, with_user_name text, with_mac text, at_router_id bigint)
returns jsonb
language plpgsql stable security definer set search_path = demarc, pg_temp as $$
declare
  c customer;
  d radius.decision;
  given radius.grant_items;
  asked_router router;
  strangers text[] := '{}';
begin
  select * into c from customer where id = of_customer_id and operator_id = any (reach());
  if not found then
    return null;
  end if;
  select * into asked_router from router where id = at_router_id and operator_id = any (reach());
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
  if exists (select from staff where id = me() and role = 'super_admin') then
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
    'routers', (select count(*) from router where operator_id = any (reach())),
    'routers_heard', (
      select count(*) from router_heard
      where operator_id = any (reach()) and heard_at > now() - interval '15 minutes'),
    'last_packet_at', (select max(heard_at) from router_heard where operator_id = any (reach())),
    'strangers', strangers
  );
end
$$;
grant execute on function explain_log_in(bigint, text, text, bigint) to demarc_super_admin, demarc_admin;

-- History: sessions that ended and attempts, by month, until they are forgotten. What bills and graphs need is in bill,
-- quota and usage_day, which stay.

create table radacct_history (like radacct including defaults) partition by range (acctstoptime);
create index radacct_history_customer_id on radacct_history (customer_id, radacctid desc);
create index radacct_history_by_start on radacct_history (operator_id, radacctid);
create table radpostauth_history (like radpostauth including defaults) partition by range (at);
create index radpostauth_history_customer_id on radpostauth_history (customer_id, id desc);

do $$
declare
  history regclass;
begin
  foreach history in array array['radacct_history', 'radpostauth_history']::regclass[] loop
    execute format('alter table %s enable row level security', history);
    execute format('create policy reach on %s using (operator_id = any ((select reach())::bigint[]))', history);
  end loop;
end
$$;
grant select on radacct_history, radpostauth_history to demarc_super_admin, demarc_admin;

-- Finds what is old enough to move, and costs a log-in next to nothing: attempts are written in the order of time.
create index radpostauth_at on radpostauth using brin (at) with (pages_per_range = 32, autosummarize = on);

-- How long sessions that ended and attempts stay where they are looked up, and how long in the history.
create table retention (
  only_one boolean primary key default true check (only_one),
  recent_days integer not null default 35 check (recent_days between 2 and 400),
  history_months integer not null default 13 check (history_months between 1 and 240),
  -- days that usage stays
  usage_days integer not null default 800 check (usage_days between 62 and 7320)
);
insert into retention default values;
alter table retention enable row level security;
create policy everybody on retention using (true);
grant select on retention to demarc_super_admin, demarc_admin;

-- A partition for a month of a table of history.
create function service.month_partition(history text, month date) returns void
language plpgsql set search_path = demarc, pg_temp as $$
declare
  name text := history || to_char(month, '_YYYY_MM');
begin
  if to_regclass(name) is null then
    execute format('create table %I partition of %I for values from (%L) to (%L)', name, history,
      month::timestamp at time zone 'UTC', (month + interval '1 month')::timestamp at time zone 'UTC');
    execute format('alter table %I enable row level security', name);
    execute format('create policy reach on %I using (operator_id = any ((select reach())::bigint[]))', name);
  end if;
end
$$;

-- Moves at most `at_most` sessions and as many attempts that are old enough into their months. Returns how many: none, and
-- there is nothing left to move. Cost: one range of an index each.
create function service.keep_history(at_most integer) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  before timestamptz;
  sessions bigint[];
  attempts bigint[];
  month date;
begin
  -- one at a time
  select now() - make_interval(days => recent_days) into before from retention for update;
  -- locked, so that a late report finds a session either here or moved, and never half way
  select array_agg(radacctid) into sessions from (
    select radacctid from radacct where acctstoptime < before order by acctstoptime limit at_most for update skip locked
  ) s;
  select array_agg(id) into attempts from (
    select id from radpostauth where at < before order by id limit at_most
  ) a;
  for month in
    select distinct date_trunc('month', acctstoptime at time zone 'UTC')::date from radacct where radacctid = any (sessions)
    union
    select distinct date_trunc('month', at at time zone 'UTC')::date from radpostauth where id = any (attempts)
  loop
    perform service.month_partition('radacct_history', month);
    perform service.month_partition('radpostauth_history', month);
  end loop;
  with old_ones as (delete from radacct where radacctid = any (sessions) returning *)
  insert into radacct_history select * from old_ones;
  with old_ones as (delete from radpostauth where id = any (attempts) returning *)
  insert into radpostauth_history select * from old_ones;
  return coalesce(cardinality(sessions), 0) + coalesce(cardinality(attempts), 0);
end
$$;

-- Forgets what is too old: months of history, days of usage, changes of live sessions, strangers. Returns how many rows
-- it deleted, at most a few times `at_most`; whole months do not count.
create function service.forget(at_most integer) returns bigint
language plpgsql security definer set search_path = demarc, pg_temp as $$
declare
  kept retention;
  old record;
  forgotten bigint := 0;
  these bigint;
begin
  select * into kept from retention;
  for old in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent in ('radacct_history'::regclass, 'radpostauth_history'::regclass)
      and to_date(right(c.relname, 7), 'YYYY_MM') < date_trunc('month', now() at time zone 'UTC')::date
        - make_interval(months => kept.history_months)
  loop
    execute format('drop table %I', old.relname);
  end loop;
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
grant execute on function service.forget(integer) to demarc_service;
grant execute on function service.keep_history(integer) to demarc_service;
