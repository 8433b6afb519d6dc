update shop
set language = 'EN'
where language ~ '^[A-Z]{3}';
alter table shop drop constraint shop_language_check;
alter table shop add constraint shop_language_check check (language ~ '^[A-Z]{2}(_[A-Z]{2})?$');
