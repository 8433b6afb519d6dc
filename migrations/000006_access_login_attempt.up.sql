-- Wrong logins per account and per address, for all processes together. The subject is a keyed hash, so that neither
-- e-mail addresses nor IP addresses stand here.
create table login_attempt (
    subject bytea primary key,
    tries   int not null check (tries >= 0),
    ends_at timestamptz not null
);

create index login_attempt_ends_at on login_attempt (ends_at);
