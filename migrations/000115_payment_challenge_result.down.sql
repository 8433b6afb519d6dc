drop table payment_challenge_result;
