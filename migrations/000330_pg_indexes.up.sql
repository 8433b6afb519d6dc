-- What is read by its owner has an index of its owner's: without one, each step of a payment read all movements of money there
-- have ever been, each difference all earlier ones, and each product that is written all variants. (The variants' other
-- index leaves out those that are no longer offered, and that of a card's movements those that only give back.)
create index payment_operation_attempt on payment_operation (attempt_id);
create index payment_operation_refund on payment_operation (refund_id) where refund_id is not null;
create index payment_reconciliation_break_charge on payment_reconciliation_break (provider, charge);
create index giftcard_movement_order on giftcard_movement (order_id) where order_id is not null;
create index product_variant_product on product_variant (product_id);
