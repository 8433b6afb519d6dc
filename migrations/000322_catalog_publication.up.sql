-- What is published next, by itself, is asked whenever the catalog has changed: answers that are kept end then.
create index product_published_idx on product (published_at);
create index collection_published_idx on collection (published_at);
