-- The words of titles as they are written, which 340 and 341 look for.
create index concurrently if not exists listing_written_idx on listing using gin (to_tsvector('simple', title)) with (gin_pending_list_limit = 64);
create index concurrently if not exists page_written_idx on page using gin (to_tsvector('simple', title)) with (gin_pending_list_limit = 64);
create index concurrently if not exists article_written_idx on article using gin (to_tsvector('simple', title)) with (gin_pending_list_limit = 64);
