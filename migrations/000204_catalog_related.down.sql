drop table product_copurchase;
drop table product_complement;
