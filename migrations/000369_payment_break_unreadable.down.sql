delete from payment_reconciliation_break
where kind = 'UNREADABLE';

alter table payment_reconciliation_break drop constraint payment_reconciliation_break_kind_check;
alter table payment_reconciliation_break add constraint payment_reconciliation_break_kind_check
    check (kind in ('STRAY_CHARGE', 'BEHIND', 'AHEAD', 'MISFIT', 'MISSING'));
