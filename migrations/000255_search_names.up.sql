-- The names of things, which is what shoppers look for while they type, without all that is said about them; and of a
-- product's variants what its filters are counted by. A row has it once it is written anew, which the rebuild does that is
-- asked for here.
alter table listing
    add column names tsvector not null default '',
    add column price_high bigint not null default 0,
    add column available_low bigint, -- the prices of what can be bought
    add column available_high bigint,
    add column variant_keys text[] not null default '{}', -- of all variants, each once
    add column variant_labels text[] not null default '{}';

create index listing_names_idx on listing using gin (names);

update listing_state
set wanted = true
where exists (select from listing);

-- Statements do this themselves now: a function of SQL with a query in it is begun anew for each row.
drop function listing_meets(text[], text[]);
drop function listing_unmet(text[], text[]);
drop function listing_costs(bigint, numeric[], numeric[]);
