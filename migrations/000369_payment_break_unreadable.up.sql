-- A provider's books may make no sense from some point on. That is a break too, of no charge.
alter table payment_reconciliation_break drop constraint payment_reconciliation_break_kind_check;
alter table payment_reconciliation_break add constraint payment_reconciliation_break_kind_check
    check (kind in ('STRAY_CHARGE', 'BEHIND', 'AHEAD', 'MISFIT', 'MISSING', 'UNREADABLE'));
