alter table product_option_value drop column swatch_image_alt;
alter table product_option_value drop column swatch_image_url;
alter table product_option_value drop column swatch_color;
drop table metafield;
