-- Where the next run goes on in a provider's books that were too long for one, and whose changes do not say how far it has come:
-- they have no times, or all the same one. There is no row while nobody is in the middle.
create table payment_reconciliation_place (
  provider text primary key,
  -- the provider's own name of the page that comes next, whatever bytes that is
  page     bytea not null,
  -- from when on the books are asked for, with each page
  since    timestamptz not null,
  -- when the first page was read
  began    timestamptz not null,
  kept_at  timestamptz not null,
  -- the keys of the shop's kind that the pages until then have shown
  seen     uuid[] not null
);
