update file_job
set state = 'CANCELED', source_url = null, finished_at = now()
where state = 'FETCHING';

drop index file_job_open_idx;
create index file_job_open_idx on file_job (created_at, id) where state in ('WAITING', 'CHECKING', 'RUNNING');

alter table file_job drop column source_url; -- and the check on it
alter table file_job drop constraint file_job_state_check;
alter table file_job add constraint file_job_state_check check
    (state in ('AWAITING_FILE', 'WAITING', 'CHECKING', 'RUNNING', 'DONE', 'FAILED', 'CANCELED'));
