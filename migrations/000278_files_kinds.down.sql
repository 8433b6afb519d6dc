delete from file_job
where kind = 'LOCATIONS'
   or kind = 'STOCK' and direction = 'EXPORT';

alter table file_job drop constraint file_job_kind_check;
alter table file_job add constraint file_job_kind_check check (kind in ('PRODUCTS', 'STOCK'));
alter table file_job rename column cursor to product_cursor;
