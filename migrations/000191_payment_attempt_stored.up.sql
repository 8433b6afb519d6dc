-- the attempts from which the reference of a kept method is wiped when its customer has deleted it
create index payment_attempt_stored_method on payment_attempt (stored_method_id) where stored_method_id is not null;
