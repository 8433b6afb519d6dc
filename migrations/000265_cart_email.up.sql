-- The carts that carry an e-mail address are looked for when the person whose address it is has them exported or erased.
create index cart_email on cart (email) where email is not null;
