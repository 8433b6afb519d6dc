-- When the customer showed that the e-mail address is theirs; null until then. Processes of before leave it alone: an
-- account that they make is one whose address nobody has shown yet.
alter table customer add column email_verified_at timestamptz;

-- The address book. Country and province are ISO codes, as on orders.
create table customer_address (
    id            uuid primary key,
    customer_id   uuid not null references customer (id) on delete cascade,
    first_name    text,
    last_name     text,
    company       text,
    address1      text,
    address2      text,
    city          text,
    province_code text,
    zip           text,
    country_code  text not null check (country_code ~ '^[A-Z]{2}$'),
    phone         text,
    is_default    boolean not null default false,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now()
);

create index customer_address_customer on customer_address (customer_id, id);
create unique index customer_address_default on customer_address (customer_id) where is_default;

-- Letters with a token that works once. Whoever asks for a new password is answered before anybody looks whether the
-- e-mail is a customer's: the letter is only addressed when it is sent, and forgotten when it is nobody's. The token is
-- derived from the id under a server key, so that a letter that is sent twice says the same; only its hash stands here.
create table customer_letter (
    id          uuid primary key,
    purpose     text not null check (purpose in ('RESET', 'VERIFY')),
    email       text not null check (email = lower(email)),
    customer_id uuid references customer (id) on delete cascade,
    token_hash  bytea unique check (octet_length(token_hash) = 32),
    created_at  timestamptz not null default now(),
    expires_at  timestamptz not null
);

create index customer_letter_customer on customer_letter (customer_id) where customer_id is not null;
create index customer_letter_expires_at on customer_letter (expires_at);
