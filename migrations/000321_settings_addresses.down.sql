update shop
set checkout_template = replace(checkout_template, '{cartId}', '{cart}');
alter table shop drop constraint shop_checkout_template_check;
alter table shop add constraint shop_checkout_template_check check (checkout_template like '%{cart}%');
