drop table shipping_option;
