-- Goods that come to a shelf which is denied more take its limit down. When it turns out that they never came, it owes again
-- what it owed before: so much, and no more, is covered. A promise that ends takes its share of it away, so that nothing
-- which was promised since rests on it; and whoever says another limit, or that more may be promised, ends it.
-- The shelves that are there are held against the constraint in 344, while they can be sold from.
alter table stock_level
    add column covered integer not null default 0,
    add constraint stock_level_covered_check check (covered >= 0) not valid;

create or replace function stock_level_denied() returns trigger
language plpgsql as $$
declare
    owed integer := greatest(new.reserved - (new.on_hand - new.damaged), 0);
    most integer := old.backorder_limit + old.covered - greatest(old.reserved - new.reserved, 0);
begin
    if not old.denied and old.covered = 0 then
        new.covered := 0;
        if new.denied then
            new.backorder_limit := least(new.backorder_limit, owed);
        end if;
    elsif new.backorder_limit <> old.backorder_limit or (old.denied and not new.denied) then
        new.denied := false;
        new.covered := 0;
        return new;
    else
        -- a new promise is never made beyond the shelf
        new.backorder_limit := least(owed, case when new.reserved > old.reserved then old.backorder_limit else greatest(most, old.backorder_limit) end);
        new.covered := greatest(most - new.backorder_limit, 0);
        new.denied := true;
    end if;
    new.denied := new.denied and new.backorder_limit > 0;
    return new;
end
$$;

drop trigger stock_level_denied on stock_level;
create trigger stock_level_denied
    before update on stock_level
    for each row when (new.denied or new.covered > 0)
    execute function stock_level_denied();
