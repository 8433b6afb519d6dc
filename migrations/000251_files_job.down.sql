drop table file_problem;
drop table file_job;
drop table file_chunk;
drop table file_content;
