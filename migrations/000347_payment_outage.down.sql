drop table payment_outage;
