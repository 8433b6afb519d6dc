drop table collection_product, collection;
