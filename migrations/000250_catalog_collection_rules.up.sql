-- What staff decide about a collection: its own order, whose it is under which name, and, for one that is kept by rules,
-- the rules. Members stay rows of collection_product either way, so whoever lists a collection need not know which it is.
alter table collection add column owner text;
alter table collection add column external_id text;
alter table collection add column version integer not null default 1 check (version >= 1);
alter table collection add column sort_key text not null default 'MANUAL'
    check (sort_key in ('BEST_SELLING', 'CREATED', 'ID', 'MANUAL', 'PRICE', 'TITLE'));
alter table collection add column sort_reverse boolean not null default false;
alter table collection add column rule_based boolean not null default false;
alter table collection add column any_rule boolean not null default false; -- one rule is enough; else all must hold
alter table collection add column search tsvector not null generated always as (
    setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', left(description, 100000)), 'C')
) stored;
alter table collection add constraint collection_external_key unique (owner, external_id);
alter table collection add constraint collection_external_check check ((owner is null) = (external_id is null));

create index collection_search_idx on collection using gin (search);
create index collection_rule_based_idx on collection (id) where rule_based;

-- number is the value where it is one: minor units of currency for prices, grams for weights.
create table collection_rule (
    collection_id uuid not null references collection (id) on delete cascade,
    position      integer not null check (position >= 1),
    subject       text not null check (subject in ('PRODUCT_METAFIELD', 'TAG', 'TITLE', 'TYPE', 'VARIANT_COMPARE_AT_PRICE',
                                                   'VARIANT_PRICE', 'VARIANT_TITLE', 'VARIANT_WEIGHT', 'VENDOR')),
    relation      text not null check (relation in ('CONTAINS', 'ENDS_WITH', 'EQUALS', 'GREATER_THAN', 'IS_NOT_SET', 'IS_SET',
                                                    'LESS_THAN', 'NOT_CONTAINS', 'NOT_EQUALS', 'STARTS_WITH')),
    value         text not null default '',
    number        numeric,
    currency      text,
    namespace     text,
    key           text,
    denies        boolean not null generated always as (relation in ('IS_NOT_SET', 'NOT_CONTAINS', 'NOT_EQUALS')) stored,
    operator      text not null generated always as (case relation -- of what is denied, or else holds
        when 'IS_NOT_SET' then 'IS_SET'
        when 'NOT_CONTAINS' then 'CONTAINS'
        when 'NOT_EQUALS' then 'EQUALS'
        else relation
    end) stored,
    primary key (collection_id, position)
);

-- How far the members of a collection with rules are, since the rules last changed: products are looked at in the order
-- of their ids, and cursor is the last one that was.
create table collection_membership (
    collection_id uuid primary key references collection (id) on delete cascade,
    pending       boolean not null,
    cursor        uuid,
    done          integer not null default 0 check (done >= 0),
    total         integer not null default 0 check (total >= 0),
    position      bigint not null default 0, -- of the last change of the members
    requested_at  timestamptz not null default now(),
    finished_at   timestamptz
);

create index collection_membership_pending_idx on collection_membership (requested_at, collection_id) where pending;

-- The products that have changed since they were held against the rules. What is left is the backlog.
create table collection_change (
    id         bigint generated always as identity primary key,
    product_id uuid not null, -- no reference: what was deleted is passed over
    at         timestamptz not null default clock_timestamp()
);

-- One expression each, so that they become part of the statements that call them.
create function text_meets(value text, operator text, wanted text) returns boolean
language sql immutable parallel safe
as $$
select case operator
    when 'EQUALS' then lower(value) = lower(wanted)
    when 'STARTS_WITH' then starts_with(lower(value), lower(wanted))
    when 'ENDS_WITH' then right(lower(value), length(lower(wanted))) = lower(wanted)
    when 'CONTAINS' then strpos(lower(value), lower(wanted)) > 0
    when 'IS_SET' then value <> ''
end
$$;

create function number_meets(value numeric, operator text, wanted numeric) returns boolean
language sql immutable parallel safe
as $$
select case operator
    when 'EQUALS' then value = wanted
    when 'GREATER_THAN' then value > wanted
    when 'LESS_THAN' then value < wanted
    when 'IS_SET' then value is not null
end
$$;
