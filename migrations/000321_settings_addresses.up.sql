-- The checkout's address may name the cart by either of its two names, as it was always said that it may. Addresses that lead
-- nowhere were taken so far; a shop that has one goes by the default, and its own address ends where a path can follow.
alter table shop drop constraint shop_checkout_template_check;
alter table shop add constraint shop_checkout_template_check
    check (checkout_template like '%{cart}%' or checkout_template like '%{cartId}%');

update shop
set checkout_template = '{url}/checkout/{cart}'
where checkout_template !~ '^({url}|https?://[^/?#@]+)([/?#]|$)'
   or regexp_replace(checkout_template, '{(url|cart|cartId)}', '', 'g') ~ '[{}]';

update shop
set url = regexp_replace(url, '[?#].*$', '')
where url ~ '[?#]';
