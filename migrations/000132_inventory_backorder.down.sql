drop view backorder;
alter table stock_level
    drop constraint stock_level_on_hand_check,
    add constraint stock_level_on_hand_check check (on_hand between -1000000000 and 1000000000);
drop index stock_transfer_line_open_idx;
alter table reservation drop column promised_at;
alter table stock_item drop column available_from, drop column restock_days;
