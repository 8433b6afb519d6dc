alter table file_job add column skip integer[] not null default '{}';

update file_job j
set skip = array(select b.row from file_bad_row b where b.job_id = j.id order by b.row);

drop table file_bad_row;
drop table file_key;
