drop index cart_email;
