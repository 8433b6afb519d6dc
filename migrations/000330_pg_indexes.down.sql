drop index product_variant_product;
drop index giftcard_movement_order;
drop index payment_reconciliation_break_charge;
drop index payment_operation_refund;
drop index payment_operation_attempt;
