drop table tax_rate;
drop table tax_region;
