-- When the customer last took an address out of their book, or wrote another over one; null before the first. What is put
-- there in the background, because an order went to it, stays away if it was ordered before.
alter table customer add column addresses_removed_at timestamptz;
