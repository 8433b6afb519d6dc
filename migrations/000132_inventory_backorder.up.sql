-- By when units can be had that are on no shelf: not before available_from, and where no transfer brings enough,
-- restock_days after they were ordered.
alter table stock_item
    add column available_from timestamptz,
    add column restock_days integer,
    add constraint stock_item_restock_days_check check (restock_days between 0 and 3650);

-- By when the units were promised that were on no shelf then; null when nobody could say.
alter table reservation add column promised_at timestamptz;

-- What is on no shelf can't leave it: a backorder is handed over once its units are there.
alter table stock_level
    drop constraint stock_level_on_hand_check,
    add constraint stock_level_on_hand_check check (on_hand between 0 and 1000000000);

create index stock_transfer_line_open_idx on stock_transfer_line (variant_id) where received + missing + returned < quantity;

-- What is promised beyond the whole units of a shelf. Units that come in serve the oldest promises first: a
-- reservation waits for as many units as it and those before it on its shelf exceed what is there. Which was first was
-- decided under the shelf's lock, where created_at is taken.
create view backorder as
select r.id, r.order_id, r.variant_id, r.location_id, r.quantity, r.created_at, r.promised_at,
       least(r.quantity, r.through - r.whole)::integer as waiting
from (select r.id, r.order_id, r.variant_id, r.location_id, r.quantity, r.created_at, r.promised_at,
             l.on_hand - l.damaged as whole,
             sum(r.quantity) over (partition by r.variant_id, r.location_id order by r.created_at, r.id) as through
      from stock_level l
      join reservation r on r.variant_id = l.variant_id and r.location_id = l.location_id and r.state in ('HELD', 'CONFIRMED')
      where l.reserved > l.on_hand - l.damaged) r
where r.through > r.whole;
