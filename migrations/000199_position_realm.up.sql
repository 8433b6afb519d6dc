-- How far each part of what shoppers read has come: one number per realm, one higher with each committed change of it.
-- Whoever read at a position and finds it again has missed nothing. The row is locked by the writer that advances it
-- until its commit, so positions appear in their order.
create table realm_position (
    realm    text primary key check (realm <> ''),
    position bigint not null check (position > 0)
);
