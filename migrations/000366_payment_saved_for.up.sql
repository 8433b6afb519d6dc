-- A payment method is kept for whom its payment was asked with, and for nobody else: an order may be another's when the shop
-- learns that its provider keeps it. Empty where that is not known, or does not hold any more; it is kept for nobody then.
alter table payment_attempt add column saved_for uuid;
