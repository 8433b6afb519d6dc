drop table listing_refused;
