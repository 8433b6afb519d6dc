-- Operators are told of two more kinds, so their index is made anew. The version before this one finds its kinds in it too.
create index concurrently if not exists event_operators_providers on event (kind, at, stream, version)
where kind in ('consistency.broken', 'consistency.restored', 'inventory.back', 'inventory.low', 'inventory.out',
               'payment.callback_refused', 'payment.capture_failed', 'payment.dispute_lost', 'payment.dispute_won',
               'payment.disputed', 'payment.provider_available', 'payment.provider_unavailable',
               'payment.reconciliation_broken', 'payment.reconciliation_mended', 'payment.refund_failed');
drop index concurrently if exists event_operators;
