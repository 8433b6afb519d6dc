-- Since when a provider shows a part of what a movement was to take: the rest is awaited for a time, and not for ever.
alter table payment_operation add column part_since timestamptz;
