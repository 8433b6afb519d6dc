alter table file_job add column skip integer[] not null default '{}';

update file_job j
set skip = array(select b.row from file_bad_row b where b.job_id = j.id order by b.row);

drop table file_bad_row;
drop table file_key;

-- Checking was not resumed: it begins anew.
delete from file_problem
where job_id in (select id from file_job where state = 'CHECKING');

update file_job
set file_offset = 0, file_row = 0, file_line = 0, problems = 0
where state = 'CHECKING';
