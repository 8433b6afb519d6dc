alter index listing_search_idx reset (gin_pending_list_limit);
alter index listing_names_idx reset (gin_pending_list_limit);
alter index listing_sku_idx reset (gin_pending_list_limit);
alter index listing_facet_idx reset (gin_pending_list_limit);
alter index listing_tag_idx reset (gin_pending_list_limit);
alter index if exists listing_words_idx reset (gin_pending_list_limit);
