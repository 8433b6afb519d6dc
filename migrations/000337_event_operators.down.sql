drop index event_operators;
