drop table product_media;
