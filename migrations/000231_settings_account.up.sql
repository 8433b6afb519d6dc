-- Where the storefront has the pages that letters to customers lead to. Processes of before know neither.
alter table shop add column password_reset_template text not null default '{url}/account/reset/{customer}/{token}'
    check (password_reset_template like '%{token}%');
alter table shop add column email_verification_template text not null default '{url}/account/verify/{token}'
    check (email_verification_template like '%{token}%');
