-- Warehouses and stores. A location that ships online counts for what the shop can send; one with pick-up counts
-- for what a shopper can collect. Exactly one, the default, takes stock that names no location.
create table location (
    id                        uuid primary key,
    external_id               text check (external_id <> ''),
    kind                      text not null check (kind in ('WAREHOUSE', 'STORE')),
    name                      text not null check (name <> ''),
    address1                  text,
    address2                  text,
    city                      text,
    province_code             text,
    zip                       text,
    country_code              text not null check (length(country_code) = 2),
    phone                     text,
    latitude                  numeric(9, 6) check (latitude between -90 and 90),
    longitude                 numeric(9, 6) check (longitude between -180 and 180),
    hours                     text not null default '',
    opening_hours             jsonb not null default '[]',
    services                  text[] not null default '{}',
    active                    boolean not null default true,
    is_default                boolean not null default false,
    ships_online              boolean not null default false,
    pickup_enabled            boolean not null default false,
    pickup_capacity_per_hour  integer check (pickup_capacity_per_hour >= 0),
    pickup_lead_minutes       integer not null default 120 check (pickup_lead_minutes >= 0),
    created_at                timestamptz not null default now(),
    updated_at                timestamptz not null default now(),
    constraint location_external_id_key unique (external_id),
    constraint location_coordinate_check check ((latitude is null) = (longitude is null))
);

create unique index location_default_key on location (is_default) where is_default;
create index location_name_idx on location (lower(name), id);
create index location_city_idx on location (lower(coalesce(city, '')), id);
