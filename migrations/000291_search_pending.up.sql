-- What is written to these indexes waits in a list that every search reads from end to end, until a vacuum comes or the
-- list is too long. By default that is four megabytes, and searching takes as long as they take.
alter index listing_search_idx set (gin_pending_list_limit = 64); -- kilobytes
alter index listing_names_idx set (gin_pending_list_limit = 64);
alter index listing_sku_idx set (gin_pending_list_limit = 64);
alter index listing_facet_idx set (gin_pending_list_limit = 64);
alter index listing_tag_idx set (gin_pending_list_limit = 64);
alter index if exists listing_words_idx set (gin_pending_list_limit = 64);
