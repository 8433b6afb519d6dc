-- Logins that have ended are removed every hour: found by their end, not by reading all there are.
create index concurrently if not exists customer_access_token_expires on customer_access_token (expires_at);
