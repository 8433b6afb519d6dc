drop table collection_stock_round;
