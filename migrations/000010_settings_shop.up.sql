-- The shop's settings: one row. The first process that looks makes it, with the defaults given here.
create table shop (
    id                       uuid primary key,
    only_one                 boolean not null default true unique check (only_one),
    name                     text not null default 'Wharf' check (name <> ''),
    description              text,
    currency                 text not null default 'USD' check (currency ~ '^[A-Z]{3}$'),
    country                  text not null default 'US' check (country ~ '^[A-Z]{2}$'),
    prices_include_tax       boolean not null default false,
    weight_unit              text not null default 'KILOGRAMS'
                             check (weight_unit in ('GRAMS', 'KILOGRAMS', 'OUNCES', 'POUNDS')),
    money_template           text,
    url                      text not null default 'http://127.0.0.1:8080',
    checkout_template        text not null default '{url}/checkout/{cart}' check (checkout_template like '%{cart}%'),
    ships_to                 text[] not null default '{}',
    capture                  text not null default 'FULFILLMENT' check (capture in ('FULFILLMENT', 'IMMEDIATE')),
    payment_deadline_seconds bigint not null default 1800 check (payment_deadline_seconds >= 60),
    action_deadline_seconds  bigint not null default 1800 check (action_deadline_seconds >= 60),
    updated_at               timestamptz not null default now()
);
