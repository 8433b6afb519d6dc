-- A shelf that is to promise nothing beyond itself any more, and still owes what it has promised: its limit is what it
-- owes, and goes down with it, so that nothing which is served or given back is promised again. Whoever says another limit
-- ends that.
alter table stock_level
    add column denied boolean not null default false,
    add constraint stock_level_denied_check check (not denied or backorder_limit > 0);

create function stock_level_denied() returns trigger
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
