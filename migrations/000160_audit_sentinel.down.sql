drop table consistency_check;
drop view audit.d2_violations;
drop function audit.session();
drop view audit.d1_violations;
drop view audit.j2_violations;
drop view audit.e8_violations;
drop view audit.m8_violations;
