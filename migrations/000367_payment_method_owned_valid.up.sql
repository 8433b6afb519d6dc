-- The constraint of 354 holds for the methods that were there before it, too. To look through them keeps nobody from paying.
alter table payment_stored_method validate constraint payment_stored_method_owned;
