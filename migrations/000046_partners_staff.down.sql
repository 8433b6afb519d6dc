drop table staff_access_token;
drop table staff_member;
