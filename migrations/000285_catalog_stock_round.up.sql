-- How far the comparison of all stock with what rules know of it has come: a shop may have more variants than one look
-- gets through, and those at the end have their turn too.
create table collection_stock_round (
    only_row boolean primary key default true check (only_row),
    last     uuid -- the variant that was looked at last; null: the next round begins
);

insert into collection_stock_round default values;
