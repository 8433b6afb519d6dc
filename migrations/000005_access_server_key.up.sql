-- The secrets of the shop, one per purpose, shared by all its processes. They stand here and not in each server's
-- configuration so that an order's token can be derived again by any process, also after a restart.
create table server_key (
    purpose    text primary key,
    secret     bytea not null check (octet_length(secret) = 32),
    created_at timestamptz not null default now()
);
