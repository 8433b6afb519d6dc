alter table shop drop column brand;
alter table shop drop column language;
