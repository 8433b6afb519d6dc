alter table customer drop column addresses_removed_at;
