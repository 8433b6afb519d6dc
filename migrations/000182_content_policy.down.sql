drop table shop_policy;
