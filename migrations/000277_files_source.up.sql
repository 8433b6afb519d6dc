-- A file may be fetched from an address, by a job. The address may hold a secret, so it is forgotten with the fetch.
alter table file_job add column source_url text;
alter table file_job drop constraint file_job_state_check;
alter table file_job add constraint file_job_state_check check
    (state in ('AWAITING_FILE', 'FETCHING', 'WAITING', 'CHECKING', 'RUNNING', 'DONE', 'FAILED', 'CANCELED'));
alter table file_job add constraint file_job_source_check check ((state = 'FETCHING') = (source_url is not null));

drop index file_job_open_idx;
create index file_job_open_idx on file_job (created_at, id) where state in ('FETCHING', 'WAITING', 'CHECKING', 'RUNNING');
