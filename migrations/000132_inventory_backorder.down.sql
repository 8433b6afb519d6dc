drop view backorder;
drop index stock_transfer_line_open_idx;
alter table reservation drop column promised_at;
alter table stock_item drop column available_from, drop column restock_days;
