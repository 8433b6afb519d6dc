-- Requests to export or erase what the shop knows of a customer. A request names nobody, so it may outlive the account;
-- what an export has gathered is forgotten after a while, and at once when the customer is erased.
create table customer_data_request (
    id           uuid primary key,
    customer_id  uuid not null,
    kind         text not null check (kind in ('EXPORT', 'ERASE')),
    status       text not null default 'RUNNING' check (status in ('RUNNING', 'WAITING', 'DONE')),
    reason       text,
    document     jsonb,
    by           text not null,
    created_at   timestamptz not null default now(),
    completed_at timestamptz,
    constraint customer_data_request_done check ((status = 'DONE') = (completed_at is not null)),
    constraint customer_data_request_document check (document is null or (kind = 'EXPORT' and status = 'DONE'))
);

-- One at a time of each kind, however often it is asked for.
create unique index customer_data_request_open on customer_data_request (customer_id, kind) where status <> 'DONE';
create index customer_data_request_customer on customer_data_request (customer_id, id);
create index customer_data_request_document_age on customer_data_request (completed_at) where document is not null;
