drop table job_process;
