alter table payment_reconciliation_break drop column looked_at;
