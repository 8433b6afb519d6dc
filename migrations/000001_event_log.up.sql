-- The event log, the order in which readers see it, and the role the processes
-- work under. Events are never changed: the role lacks the privilege, and
-- triggers refuse it to everyone else.

-- Gives the role wharf_app what the processes need. Runs here and again after
-- every migration, so that a role made later, or tables made by another login,
-- are covered too. Where the login may not create roles, the triggers guard
-- alone.
create function wharf_app_rights() returns void
language plpgsql as $$
declare
  schema_name text;
  target record;
  -- from PostgreSQL 16 on, being a member is one thing and taking the role another
  taking text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
begin
  begin
    if not exists (select from pg_roles where rolname = 'wharf_app') then
      create role wharf_app nologin;
    end if;
  exception
    -- another database of this server made it at the same moment
    when duplicate_object or unique_violation then null;
    when insufficient_privilege then
      raise notice 'the login may not create the role wharf_app: triggers alone guard the ledgers';
      return;
  end;

  begin
    if not pg_has_role(current_user, 'wharf_app', taking) then
      execute format('grant wharf_app to %I', current_user);
    end if;
  exception
    when insufficient_privilege then
      raise notice 'the login may not take the role wharf_app: triggers alone guard the ledgers';
    when unique_violation or internal_error then null;
  end;

  alter default privileges grant select, insert, update, delete on tables to wharf_app;
  alter default privileges grant usage, select on sequences to wharf_app;

  for schema_name in
    select nspname from pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema'
      and has_schema_privilege(current_user, oid, 'usage')
      and not has_schema_privilege('wharf_app', oid, 'usage')
  loop
    execute format('grant usage on schema %I to wharf_app', schema_name);
  end loop;

  -- The job queue's library rebuilds its own indexes, which only an owner may; no
  -- table of its is a ledger.
  if to_regnamespace('river') is not null and pg_has_role(current_user, 'wharf_app', taking) then
    grant create on schema river to wharf_app;
    for target in
      select c.oid::regclass as name
      from pg_class c
      where c.relnamespace = to_regnamespace('river')
        and c.relkind in ('r', 'p')
        and c.relowner <> to_regrole('wharf_app')
        and pg_has_role(current_user, c.relowner, 'usage')
      order by c.oid
    loop
      execute format('alter table %s owner to wharf_app', target.name);
    end loop;
  end if;

  for target in
    select c.oid::regclass as name, c.relkind = 'S' as is_sequence,
      exists (select from pg_trigger g where g.tgrelid = c.oid and g.tgname = 'ledger_only_truncate') as is_ledger
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
      and c.relkind in ('r', 'p', 'v', 'm', 'S')
      and c.relname <> 'schema_migrations'
      and pg_has_role(current_user, c.relowner, 'usage')
      and not case when c.relkind = 'S' then has_sequence_privilege('wharf_app', c.oid, 'usage')
                   else has_table_privilege('wharf_app', c.oid, 'select') end
    order by c.oid
  loop
    if target.is_sequence then
      execute format('grant usage, select on sequence %s to wharf_app', target.name);
    elsif target.is_ledger then
      execute format('grant select, insert on table %s to wharf_app', target.name);
    else
      execute format('grant select, insert, update, delete on table %s to wharf_app', target.name);
    end if;
  end loop;
end
$$;

select wharf_app_rights();

create function refuse_ledger_change() returns trigger
language plpgsql as $$
begin
  raise exception 'table % is a ledger: rows are only added, never changed or removed', tg_table_name
    using errcode = 'integrity_constraint_violation', constraint = 'ledger_only', table = tg_table_name, schema = tg_table_schema;
end
$$;

-- Makes a table one that only grows. Each migration that adds a ledger calls it.
create function ledger_only(ledger regclass) returns void
language plpgsql as $$
begin
  if exists (select from pg_roles where rolname = 'wharf_app') then
    execute format('revoke update, delete, truncate on table %s from wharf_app', ledger);
  end if;
  execute format('create trigger ledger_only_row before update or delete on %s
    for each row execute function refuse_ledger_change()', ledger);
  execute format('create trigger ledger_only_truncate before truncate on %s
    for each statement execute function refuse_ledger_change()', ledger);
  -- also while a replication role or a session setting switches ordinary triggers off
  execute format('alter table %s enable always trigger ledger_only_row, enable always trigger ledger_only_truncate', ledger);
end
$$;

-- The unique key is the optimistic lock: two writers that saw the same version
-- cannot both append. json, not jsonb, since the hash chain covers the bytes.
-- tx is the transaction that wrote the row: once every older transaction has
-- ended, nothing can appear before it any more, and the sequencer need not look
-- there again.
create table event (
  stream uuid not null,
  version int not null check (version > 0),
  kind text not null check (kind <> ''),
  data json not null,
  at timestamptz not null default clock_timestamp(),
  by text not null,
  cause text not null,
  hash bytea not null,
  tx xid8 not null default pg_current_xact_id(),
  primary key (stream, version)
);

create index event_tx_idx on event (tx);
create index event_first_idx on event (kind, stream) where version = 1;

select ledger_only('event');

-- The place of each committed event in the order readers see; monotonic and
-- without gaps, since one sequencer hands it out after the commit. settled: all
-- events of transactions before it had their place when the row was written.
create table event_feed (
  position bigint primary key check (position > 0),
  stream uuid not null,
  version int not null,
  settled xid8 not null,
  unique (stream, version)
);

select ledger_only('event_feed');
