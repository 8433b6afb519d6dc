-- More invariants, and what the sentinel has found: it looks at those that are cheap, again and again, while the
-- shop runs.

-- Money is whole minor units: no column of the shop's own may hold a binary fraction. What an extension brings along
-- is its own business.
create view audit.m8_violations as
select format('%s.%s.%s', n.nspname, c.relname, a.attname) as subject, null::uuid as order_id,
       format('a column of type %s', format_type(a.atttypid, a.atttypmod)) as detail
from pg_attribute a
join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
join pg_namespace n on n.oid = c.relnamespace
where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'river')
  and a.attnum > 0 and not a.attisdropped
  and a.atttypid in ('real'::regtype, 'double precision'::regtype, 'money'::regtype)
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e');

-- The feed forgets nobody: what was written before it was settled has its place in it.
create view audit.e8_violations as
select e.stream::text as subject, o.id as order_id,
       format('version %s has no place in the feed', e.version) as detail
from event e
left join orders o on o.id = e.stream
where e.tx < (select settled from event_feed order by position desc limit 1)
  and not exists (select from event_feed f where f.stream = e.stream and f.version = e.version);

-- Nothing is tried again that can't have an effect any more.
create view audit.j2_violations as
select format('job %s %s', j.id, j.kind) as subject, j.subject as order_id,
       case when o.id is null then 'it is tried again for an order that is not there'
            else format('it is tried again for an order that is %s', o.state) end as detail
from audit.job() j
left join audit."order" o on o.id = j.subject
where j.state = 'retryable' and j.subject is not null
  and (o.id is null or (o.terminal and j.kind in ('authorize_payment', 'capture_payment', 'expire_order')));

-- The database's own guards are all in force.
create view audit.d1_violations as
select i.indexrelid::regclass::text as subject, null::uuid as order_id, 'the index is not valid' as detail
from pg_index i
join pg_class c on c.oid = i.indexrelid
join pg_namespace n on n.oid = c.relnamespace
where not i.indisvalid and n.nspname !~ '^pg_'
union all
select format('%s.%s', k.conrelid::regclass, k.conname), null, 'the constraint was never checked against the rows that were there'
from pg_constraint k
where not k.convalidated;

-- Nobody holds what others wait for. The processes' role may not see what other sessions do, so a function of the
-- database's owner shows it, of this database and this login only.
create function audit.session()
returns table (pid int, application_name text, state text, waits boolean, since timestamptz)
language sql stable security definer set search_path = pg_catalog as $$
  select a.pid, a.application_name, a.state, a.wait_event_type = 'Lock',
         case when a.state = 'active' then a.query_start else a.state_change end
  from pg_stat_activity a
  where a.datname = current_database() and a.usename = session_user and a.pid <> pg_backend_pid()
$$;

create view audit.d2_violations as
select format('session %s %s', s.pid, s.application_name) as subject, null::uuid as order_id,
       case when s.state = 'active' then format('it waits for a lock since %s', s.since)
            else format('it is idle in a transaction since %s', s.since) end as detail
from audit.session() s
where s.since < clock_timestamp() - interval '5 seconds'
  and (s.state like 'idle in transaction%' or (s.state = 'active' and s.waits));

-- What the sentinel found when it last looked: one row per invariant.
create table consistency_check (
  name       text primary key,
  state      text not null check (state in ('OK', 'VIOLATED', 'UNFINISHED')),
  violations integer not null check (violations >= 0),
  -- the first of them: [{"subject": …, "orderId": …, "detail": …}]
  samples    jsonb not null,
  took_ms    integer not null check (took_ms >= 0),
  checked_at timestamptz not null,
  constraint consistency_check_violated check ((state = 'VIOLATED') = (violations > 0))
);

do $$
begin
  if exists (select from pg_roles where rolname = 'wharf_app') then
    revoke all on all tables in schema audit from wharf_app;
    grant select on all tables in schema audit to wharf_app;
  end if;
end
$$;
