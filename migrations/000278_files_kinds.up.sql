-- Locations come in, and stock goes out: the place of an export is a product's or a variant's id.
alter table file_job rename column product_cursor to cursor;
alter table file_job drop constraint file_job_kind_check;
alter table file_job add constraint file_job_kind_check check (kind in ('PRODUCTS', 'STOCK', 'LOCATIONS'));
