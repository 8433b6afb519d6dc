-- Members of staff and their logins. A role that is bound to locations names them here; the role itself is turned
-- into scopes by the program, so that a new scope reaches everyone who should have it.
create table staff_member (
    id            uuid primary key,
    email         text not null unique check (email = lower(email)),
    name          text not null check (name <> ''),
    password_hash text not null check (password_hash like '$argon2id$%'),
    role          text not null check (role in ('admin', 'manager', 'support', 'picker')),
    location_ids  uuid[] not null default '{}',
    created_at    timestamptz not null default now(),
    disabled_at   timestamptz,
    check (role <> 'picker' or cardinality(location_ids) > 0)
);

create table staff_access_token (
    id              uuid primary key,
    staff_member_id uuid not null references staff_member (id) on delete cascade,
    token_hash      bytea not null unique check (octet_length(token_hash) = 32),
    created_at      timestamptz not null default now(),
    expires_at      timestamptz not null
);

create index staff_access_token_member on staff_access_token (staff_member_id);
