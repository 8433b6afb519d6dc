drop index cart_customer;
