-- The constraint of 336 holds for the shelves that were there before it, too. To look through them keeps nobody from selling.
alter table stock_level validate constraint stock_level_covered_check;
