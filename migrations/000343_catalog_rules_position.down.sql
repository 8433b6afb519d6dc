drop index collection_change_position_idx;
alter table collection_membership drop column asked;
alter table collection_change drop column position;
