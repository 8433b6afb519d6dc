-- Burns the test provider's books; they hold no real money.
drop table test_provider_entry;
