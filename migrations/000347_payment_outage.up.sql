-- Each process learns for itself that a payment provider does not answer. Operators are told of an outage once, whoever
-- finds it and however many do, and of its end once nobody has found it for a while: until then it has a row here.
create table payment_outage (
    provider    text primary key,
    id          uuid not null unique,
    began_at    timestamptz not null,
    answered_at timestamptz -- the first answer after the last call in vain
);
