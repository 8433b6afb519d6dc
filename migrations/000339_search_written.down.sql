drop index concurrently if exists listing_written_idx;
drop index concurrently if exists page_written_idx;
drop index concurrently if exists article_written_idx;
