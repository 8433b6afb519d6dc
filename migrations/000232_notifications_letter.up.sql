-- A message may be about a customer's letter too: then order_id holds the letter's id, and the version is 1.
comment on column notification.order_id is 'the order, or the letter to a customer, that the message is about';
