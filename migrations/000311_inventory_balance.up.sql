-- A shelf is tied to what it is the sum of: reserved to its live reservations; on_hand, damaged and incoming to the ledger.
-- Whoever changes one side without the other, the owner of the tables included, can't commit.
--
-- To add either side up for every order would be dear, so each transaction keeps a balance instead: what shelves have
-- become more, less what reservations and ledger have, each figure weighed by its shelf, modulo a prime so that it stays a
-- bigint. It lives in a setting that ends with the transaction, so no row and no lock is shared. At the end it is zero for
-- whoever has changed both sides alike, and nothing else is looked at; else the shelves that were touched are added up, and
-- one that is wrong is named. So a change that mends a shelf passes.
-- Traffic takes these tables in different orders; here all of them are taken at once.
lock table reservation, stock_level, stock_movement in share row exclusive mode;

create function stock_weight(variant uuid, location uuid, figure integer) returns bigint
language sql immutable parallel safe as $$
    select uuid_hash_extended(variant, uuid_hash_extended(location, figure)) & 536870911
$$;

create function stock_level_weigh() returns trigger
language plpgsql as $$
declare
    change bigint := 0;
    balance text;
begin
    if tg_op <> 'INSERT' then
        change := -(old.reserved * stock_weight(old.variant_id, old.location_id, 1)
                  + old.on_hand * stock_weight(old.variant_id, old.location_id, 2)
                  + old.damaged * stock_weight(old.variant_id, old.location_id, 3)
                  + old.incoming * stock_weight(old.variant_id, old.location_id, 4));
    end if;
    if tg_op <> 'DELETE' then
        change := change + (new.reserved * stock_weight(new.variant_id, new.location_id, 1)
                          + new.on_hand * stock_weight(new.variant_id, new.location_id, 2)
                          + new.damaged * stock_weight(new.variant_id, new.location_id, 3)
                          + new.incoming * stock_weight(new.variant_id, new.location_id, 4));
    end if;
    balance := set_config('wharf.stock_balance',
        ((coalesce(nullif(current_setting('wharf.stock_balance', true), ''), '0')::bigint + change) % 2305843009213693951)::text, true);
    return null;
end
$$;

create function reservation_weigh() returns trigger
language plpgsql as $$
declare
    change bigint := 0;
    balance text;
begin
    if tg_op <> 'INSERT' and old.state in ('HELD', 'CONFIRMED') then
        change := old.quantity * stock_weight(old.variant_id, old.location_id, 1);
    end if;
    if tg_op <> 'DELETE' and new.state in ('HELD', 'CONFIRMED') then
        change := change - new.quantity * stock_weight(new.variant_id, new.location_id, 1);
    end if;
    balance := set_config('wharf.stock_balance',
        ((coalesce(nullif(current_setting('wharf.stock_balance', true), ''), '0')::bigint + change) % 2305843009213693951)::text, true);
    return null;
end
$$;

-- The ledger only grows.
create function stock_movement_weigh() returns trigger
language plpgsql as $$
declare
    change bigint;
    balance text;
begin
    change := new.delta * stock_weight(new.variant_id, new.location_id, 2)
            + new.damaged_delta * stock_weight(new.variant_id, new.location_id, 3)
            + new.incoming_delta * stock_weight(new.variant_id, new.location_id, 4);
    balance := set_config('wharf.stock_balance',
        ((coalesce(nullif(current_setting('wharf.stock_balance', true), ''), '0')::bigint - change) % 2305843009213693951)::text, true);
    return null;
end
$$;

create function stock_shelf_check(variant uuid, location uuid) returns void
language plpgsql as $$
declare
    shelf record;
    ledger record;
    held bigint;
begin
    select coalesce(sum(l.reserved), 0) as reserved, coalesce(sum(l.on_hand), 0) as on_hand,
           coalesce(sum(l.damaged), 0) as damaged, coalesce(sum(l.incoming), 0) as incoming
    into shelf
    from stock_level l
    where l.variant_id = variant and l.location_id = location;
    select coalesce(sum(r.quantity), 0)
    into held
    from reservation r
    where r.variant_id = variant and r.location_id = location and r.state in ('HELD', 'CONFIRMED');
    if shelf.reserved <> held then
        raise exception 'on the shelf of % at % reserved is %, live reservations hold %', variant, location, shelf.reserved, held
            using errcode = 'integrity_constraint_violation', constraint = 'stock_level_reserved_balance', table = 'stock_level';
    end if;
    select coalesce(sum(m.delta), 0) as on_hand, coalesce(sum(m.damaged_delta), 0) as damaged,
           coalesce(sum(m.incoming_delta), 0) as incoming
    into ledger
    from stock_movement m
    where m.variant_id = variant and m.location_id = location;
    if (shelf.on_hand, shelf.damaged, shelf.incoming) is distinct from (ledger.on_hand, ledger.damaged, ledger.incoming) then
        raise exception 'on the shelf of % at % on hand, damaged and incoming are %, % and %, the ledger says %, % and %',
            variant, location, shelf.on_hand, shelf.damaged, shelf.incoming, ledger.on_hand, ledger.damaged, ledger.incoming
            using errcode = 'integrity_constraint_violation', constraint = 'stock_level_ledger_balance', table = 'stock_level';
    end if;
end
$$;

create function stock_balance_check() returns trigger
language plpgsql as $$
begin
    if coalesce(current_setting('wharf.stock_balance', true), '') in ('', '0') then
        return null; -- both sides have changed alike
    end if;
    if tg_op <> 'INSERT' then
        perform stock_shelf_check(old.variant_id, old.location_id);
    end if;
    if tg_op <> 'DELETE' then
        perform stock_shelf_check(new.variant_id, new.location_id);
    end if;
    return null;
end
$$;

create trigger stock_level_weigh_insert after insert on stock_level
    for each row
    when (new.reserved <> 0 or new.on_hand <> 0 or new.damaged <> 0 or new.incoming <> 0)
    execute function stock_level_weigh();
create trigger stock_level_weigh_update after update on stock_level
    for each row
    when ((old.variant_id, old.location_id, old.reserved, old.on_hand, old.damaged, old.incoming)
          <> (new.variant_id, new.location_id, new.reserved, new.on_hand, new.damaged, new.incoming))
    execute function stock_level_weigh();
create trigger stock_level_weigh_delete after delete on stock_level
    for each row
    when (old.reserved <> 0 or old.on_hand <> 0 or old.damaged <> 0 or old.incoming <> 0)
    execute function stock_level_weigh();
create trigger reservation_weigh_insert after insert on reservation
    for each row
    when (new.state in ('HELD', 'CONFIRMED'))
    execute function reservation_weigh();
create trigger reservation_weigh_update after update on reservation
    for each row
    when ((old.variant_id, old.location_id, old.quantity, old.state in ('HELD', 'CONFIRMED'))
          <> (new.variant_id, new.location_id, new.quantity, new.state in ('HELD', 'CONFIRMED')))
    execute function reservation_weigh();
create trigger reservation_weigh_delete after delete on reservation
    for each row
    when (old.state in ('HELD', 'CONFIRMED'))
    execute function reservation_weigh();
create trigger stock_movement_weigh_insert after insert on stock_movement
    for each row
    execute function stock_movement_weigh();

create constraint trigger stock_level_balance_insert after insert on stock_level
    deferrable initially deferred for each row
    when (new.reserved <> 0 or new.on_hand <> 0 or new.damaged <> 0 or new.incoming <> 0)
    execute function stock_balance_check();
create constraint trigger stock_level_balance_update after update on stock_level
    deferrable initially deferred for each row
    when ((old.variant_id, old.location_id, old.reserved, old.on_hand, old.damaged, old.incoming)
          <> (new.variant_id, new.location_id, new.reserved, new.on_hand, new.damaged, new.incoming))
    execute function stock_balance_check();
create constraint trigger stock_level_balance_delete after delete on stock_level
    deferrable initially deferred for each row
    when (old.reserved <> 0 or old.on_hand <> 0 or old.damaged <> 0 or old.incoming <> 0)
    execute function stock_balance_check();
create constraint trigger reservation_balance_insert after insert on reservation
    deferrable initially deferred for each row
    when (new.state in ('HELD', 'CONFIRMED'))
    execute function stock_balance_check();
create constraint trigger reservation_balance_update after update on reservation
    deferrable initially deferred for each row
    when ((old.variant_id, old.location_id, old.quantity, old.state in ('HELD', 'CONFIRMED'))
          <> (new.variant_id, new.location_id, new.quantity, new.state in ('HELD', 'CONFIRMED')))
    execute function stock_balance_check();
create constraint trigger reservation_balance_delete after delete on reservation
    deferrable initially deferred for each row
    when (old.state in ('HELD', 'CONFIRMED'))
    execute function stock_balance_check();
create constraint trigger stock_movement_balance_insert after insert on stock_movement
    deferrable initially deferred for each row
    execute function stock_balance_check();

-- A table that is emptied at one stroke is weighed by nobody.
create function stock_keep() returns trigger
language plpgsql as $$
begin
    raise exception 'table % is not emptied at one stroke: its rows are what others add up to', tg_table_name
        using errcode = 'integrity_constraint_violation', constraint = 'stock_keep', table = tg_table_name;
end
$$;

create trigger stock_level_keep before truncate on stock_level for each statement execute function stock_keep();
create trigger reservation_keep before truncate on reservation for each statement execute function stock_keep();
