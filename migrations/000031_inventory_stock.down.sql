drop table reservation, stock_movement, stock_level, stock_item;
