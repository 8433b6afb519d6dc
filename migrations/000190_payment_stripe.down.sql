-- Intents are found again at Stripe by their metadata; saved methods of customers are not.
drop table stripe_customer;
drop table stripe_intent;
