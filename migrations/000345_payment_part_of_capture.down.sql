alter table payment_operation drop column part_since;
