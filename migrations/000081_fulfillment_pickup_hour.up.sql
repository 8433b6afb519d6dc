-- How many pick-ups a store has promised in an hour, counted in the transaction that promises one. A store without a
-- bound has no rows.
create table pickup_hour (
  location_id uuid not null,
  hour        timestamptz not null,
  taken       integer not null check (taken >= 0),
  primary key (location_id, hour)
);

-- Which order has a place in which hour, so that calling the order off gives exactly that place back.
create table pickup_booking (
  order_id    uuid primary key,
  location_id uuid not null,
  hour        timestamptz not null,
  foreign key (location_id, hour) references pickup_hour (location_id, hour)
);
