-- The check of a file goes on where it stopped. What later rows are held against, and which rows are to be left out,
-- stands here and not in the memory of a process or in one row: a file may hold millions of either.
create table file_key (
    job_id   uuid not null references file_job (id) on delete cascade,
    "column" text not null,
    key      text not null,
    row      integer not null, -- in which the key was first
    primary key (job_id, "column", key)
);

create table file_bad_row (
    job_id uuid not null references file_job (id) on delete cascade,
    row    integer not null, -- the first of what has problems
    primary key (job_id, row)
);

insert into file_bad_row (job_id, row)
select id, unnest(skip)
from file_job
where state = 'RUNNING'
on conflict do nothing;

-- A check that has begun without these tables begins anew.
update file_job
set state = 'WAITING', worker = null, leased_until = null
where state = 'CHECKING';

alter table file_job drop column skip;
