alter table listing
    drop column names,
    drop column price_high,
    drop column available_low,
    drop column available_high,
    drop column variant_keys,
    drop column variant_labels;
