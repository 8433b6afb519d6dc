-- Partners and the keys of their programs. Only the hash of a key is kept; its visible beginning finds the row.
create table partner (
    id         uuid primary key,
    name       text not null check (name <> ''),
    created_at timestamptz not null default now()
);

create table api_key (
    id           uuid primary key,
    partner_id   uuid not null references partner (id),
    name         text not null check (name <> ''),
    prefix       text not null unique,
    key_hash     bytea not null unique check (octet_length(key_hash) = 32),
    scopes       text[] not null check (cardinality(scopes) > 0),
    created_at   timestamptz not null default now(),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    last_used_at timestamptz,
    uses         bigint not null default 0 check (uses >= 0)
);

create index api_key_partner on api_key (partner_id, id);
