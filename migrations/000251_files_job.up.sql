-- Files that bring the shop's things in and out, and the work on them. A file stands here in pieces, so that any process
-- can go on with it; the row of a job says how far it is, and is written in the transaction of each batch.
create table file_content (
    id         uuid primary key,
    size       bigint not null default 0 check (size >= 0),
    created_at timestamptz not null default now()
);

create index file_content_created_idx on file_content (created_at);

create table file_chunk (
    content_id uuid not null references file_content (id) on delete cascade,
    number     integer not null check (number >= 0),
    data       bytea not null,
    primary key (content_id, number)
);

create table file_job (
    id             uuid primary key,
    direction      text not null check (direction in ('IMPORT', 'EXPORT')),
    kind           text not null check (kind in ('PRODUCTS', 'STOCK')),
    all_or_nothing boolean not null default true,
    with_stock     boolean not null default false, -- whether whoever asked may write stock
    currency       text not null check (length(currency) = 3),
    state          text not null check (state in ('AWAITING_FILE', 'WAITING', 'CHECKING', 'RUNNING', 'DONE', 'FAILED', 'CANCELED')),
    owner          text,
    external_id    text,
    content_id     uuid references file_content (id) on delete set null,
    file_offset    bigint not null default 0, -- where the next batch begins
    file_row       integer not null default 0,
    file_line      integer not null default 0,
    product_cursor uuid,
    skip           integer[] not null default '{}', -- first rows of what has problems
    total          integer not null default 0,
    done           integer not null default 0,
    skipped        integer not null default 0,
    created        integer not null default 0,
    updated        integer not null default 0,
    unchanged      integer not null default 0,
    problems       integer not null default 0, -- how many were found; not all are kept
    ignored        text[] not null default '{}',
    error_code     text,
    first_position bigint, -- of the catalog, when an export began
    last_position  bigint,
    worker         uuid,
    leased_until   timestamptz,
    tries          integer not null default 0,
    created_by     text not null,
    created_at     timestamptz not null default now(),
    started_at     timestamptz,
    finished_at    timestamptz,
    constraint file_job_external_key unique (direction, owner, external_id),
    check ((owner is null) = (external_id is null))
);

create index file_job_open_idx on file_job (created_at, id) where state in ('WAITING', 'CHECKING', 'RUNNING');
create index file_job_direction_idx on file_job (direction, id);
create index file_job_finished_idx on file_job (finished_at);
create index file_job_content_idx on file_job (content_id);

create table file_problem (
    job_id   uuid not null references file_job (id) on delete cascade,
    number   integer not null,
    row      integer not null,
    line     integer not null,
    "column" text not null,
    message  text not null,
    primary key (job_id, number)
);
