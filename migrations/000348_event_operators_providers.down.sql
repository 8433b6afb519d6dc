create index concurrently if not exists event_operators on event (kind, at, stream, version)
where kind in ('consistency.broken', 'consistency.restored', 'inventory.back', 'inventory.low', 'inventory.out',
               'payment.callback_refused', 'payment.capture_failed', 'payment.dispute_lost', 'payment.dispute_won',
               'payment.disputed', 'payment.reconciliation_broken', 'payment.reconciliation_mended', 'payment.refund_failed');
drop index concurrently if exists event_operators_providers;
