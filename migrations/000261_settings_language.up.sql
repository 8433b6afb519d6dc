-- Some languages have three letters: Filipino, Central Kurdish. Processes of before write two, which stay allowed.
alter table shop drop constraint shop_language_check;
alter table shop add constraint shop_language_check check (language ~ '^[A-Z]{2,3}(_[A-Z]{2})?$');
