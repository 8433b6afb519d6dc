-- What goes with a product: what the shop has chosen, and what was bought in the same orders.
create table product_complement (
    product_id    uuid not null references product (id) on delete cascade,
    position      integer not null check (position >= 1),
    complement_id uuid not null references product (id) on delete cascade,
    primary key (product_id, complement_id),
    check (complement_id <> product_id)
);

create index product_complement_complement_idx on product_complement (complement_id);

create table product_copurchase (
    product_id uuid not null references product (id) on delete cascade,
    other_id   uuid not null references product (id) on delete cascade,
    times      bigint not null check (times > 0), -- in how many orders
    primary key (product_id, other_id),
    check (other_id <> product_id)
);

create index product_copurchase_other_idx on product_copurchase (other_id);
