-- The processes that run jobs, and when each was heard of last: what a dead one ran is taken up by others.
create table job_process (
    id      text primary key, -- as the queue's jobs name who runs them
    seen_at timestamptz not null
);
