-- What operators should know, in the order of time: few of all events.
create index event_operators on event (at, stream, version)
where kind in ('consistency.broken', 'consistency.restored', 'inventory.back', 'inventory.low', 'inventory.out',
               'payment.callback_refused', 'payment.capture_failed', 'payment.dispute_lost', 'payment.dispute_won',
               'payment.disputed', 'payment.reconciliation_broken', 'payment.reconciliation_mended', 'payment.refund_failed');
