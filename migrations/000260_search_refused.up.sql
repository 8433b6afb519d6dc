-- Products that can't be listed as they are, each with what was said when it was tried last. One of them holds nobody
-- else up; whoever watches the shop sees them here until a change, or a try every few minutes, lists them.
create table listing_refused (
    product_id uuid primary key,
    reason     text not null,
    tries      integer not null default 1,
    since      timestamptz not null default clock_timestamp(),
    at         timestamptz not null default clock_timestamp()
);

create index listing_refused_at_idx on listing_refused (at);
