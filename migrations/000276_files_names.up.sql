-- Whose external ids a file means: those of the shop, or those of the partner who sent it.
alter table file_job add column names_of text not null default 'shop' check (names_of <> '');

update file_job
set names_of = created_by
where created_by like 'partner:%';
