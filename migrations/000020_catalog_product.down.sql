drop table product_variant, product_image, product_option_value, product_option, product;
