-- Where the next run goes on in a provider's books that were too long for one, and whose changes do not say how far it has come:
-- they have no times, or all the same one.
-- The page is empty while nobody is in the middle: the row stays, so that a run that comes late is told by it that it is late.
create table payment_reconciliation_place (
  provider text primary key,
  -- the provider's own name of the page that comes next, whatever bytes that is
  next_page bytea not null,
  -- from when on the books are asked for, with each page
  since    timestamptz not null,
  -- when the first page was read
  began    timestamptz not null,
  -- how long the pages until then have taken, without the time between the runs
  spent    interval not null,
  -- when the provider has named the page
  kept_at  timestamptz not null,
  -- what the pages until then have shown of the shop's attempts and of what was wrong before, by key
  seen     uuid[] not null
);
