-- The shop's policies, at most one of each type.
create table shop_policy (
    id         uuid primary key,
    type       text not null check (type in (
        'CONTACT_INFORMATION', 'LEGAL_NOTICE', 'PRIVACY_POLICY', 'REFUND_POLICY', 'SHIPPING_POLICY',
        'SUBSCRIPTION_POLICY', 'TERMS_OF_SALE', 'TERMS_OF_SERVICE'
    )),
    title      text not null check (title <> ''),
    body_html  text not null check (body_html <> ''),
    version    integer not null default 1 check (version >= 1),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint shop_policy_type_key unique (type)
);
