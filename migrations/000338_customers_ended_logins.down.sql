drop index concurrently if exists customer_access_token_expires;
