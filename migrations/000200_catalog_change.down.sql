drop table catalog_change;
