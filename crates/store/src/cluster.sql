-- Roles belong to a whole cluster, not to one database: made once, under one lock, by a superuser.
-- Run before the migrations of every database; running it again changes nothing.
do $$
declare
  group_role text;
begin
  -- 0x64656d6172 is "demar" in ASCII: one lock for whoever changes roles in this cluster.
  perform pg_advisory_xact_lock(x'64656d6172'::bigint);

  -- Owns every object of Demarc. Nobody logs in as it.
  if to_regrole('demarc_owner') is null then
    create role demarc_owner nologin;
  end if;

  -- Makes the log-in roles of staff and ends their sessions; reached only through functions that check who asks.
  if to_regrole('demarc_role_maker') is null then
    create role demarc_role_maker nologin createrole;
  end if;
  grant pg_signal_backend to demarc_role_maker;

  -- One group role per level carries the grants; row-level security carries the reach.
  foreach group_role in array array[
    'demarc_developer', 'demarc_super_admin', 'demarc_admin', 'demarc_operator', 'demarc_sub_operator', 'demarc_manager',
    'demarc_accountant', 'demarc_sales_manager', 'demarc_technician', 'demarc_staff'
  ] loop
    if to_regrole(group_role) is null then
      execute format('create role %I nologin', group_role);
    end if;
    execute format('grant %I to demarc_role_maker with admin option', group_role);
  end loop;

  -- FreeRADIUS's own log-ins belong to this one.
  if to_regrole('demarc_radius') is null then
    create role demarc_radius nologin;
  end if;

  -- demarcd's own log-ins, beside FreeRADIUS.
  if to_regrole('demarc_service') is null then
    create role demarc_service nologin;
  end if;
  -- Distributors and customers have no log-in: demarcd becomes one of these two, for one of them at a time. It has nothing
  -- of theirs without becoming it.
  alter role demarc_service noinherit;
  foreach group_role in array array['demarc_card_distributor', 'demarc_customer'] loop
    if to_regrole(group_role) is null then
      execute format('create role %I nologin', group_role);
    end if;
    execute format('grant %I to demarc_service', group_role);
  end loop;

  -- For other tools that read the standard RADIUS names; granted by hand, as it shows passwords.
  if to_regrole('demarc_radius_reader') is null then
    create role demarc_radius_reader nologin;
  end if;
end
$$;
