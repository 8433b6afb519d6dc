drop table realm_position;
