-- Forgets what Adyen has told. The shop's own books keep what was taken over from it.
drop table adyen_call;
drop table adyen_notification;
