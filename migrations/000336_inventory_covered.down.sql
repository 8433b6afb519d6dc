drop trigger stock_level_denied on stock_level;

create or replace function stock_level_denied() returns trigger
language plpgsql as $$
begin
    if old.denied and new.backorder_limit <> old.backorder_limit then
        new.denied := false;
    else
        new.backorder_limit := least(new.backorder_limit, greatest(new.reserved - (new.on_hand - new.damaged), 0));
        new.denied := new.backorder_limit > 0;
    end if;
    return new;
end
$$;

create trigger stock_level_denied
    before update on stock_level
    for each row when (new.denied)
    execute function stock_level_denied();

alter table stock_level
    drop constraint stock_level_covered_check,
    drop column covered;
