-- Accounts of shoppers. The e-mail is kept in its normal form (lower case), so that one person cannot have two.
create table customer (
    id                uuid primary key,
    email             text not null unique check (email = lower(email)),
    password_hash     text not null check (password_hash like '$argon2id$%'),
    first_name        text,
    last_name         text,
    phone             text,
    accepts_marketing boolean not null default false,
    tags              text[] not null default '{}',
    created_at        timestamptz not null default now(),
    updated_at        timestamptz not null default now()
);

-- Logins. Only the hash of a token is kept; deleting the row ends the login.
create table customer_access_token (
    id          uuid primary key,
    customer_id uuid not null references customer (id) on delete cascade,
    token_hash  bytea not null unique check (octet_length(token_hash) = 32),
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null
);

create index customer_access_token_customer on customer_access_token (customer_id);
