-- The language that the shop is written in, and how it looks. Processes of before know neither and leave both alone.
alter table shop add column language text not null default 'EN' check (language ~ '^[A-Z]{2}(_[A-Z]{2})?$');
alter table shop add column brand jsonb not null default '{}' check (jsonb_typeof(brand) = 'object');
