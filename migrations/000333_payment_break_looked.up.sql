-- When an open break was last looked at again, so that many that stay open do not keep a run from the others.
alter table payment_reconciliation_break add column looked_at timestamptz;
