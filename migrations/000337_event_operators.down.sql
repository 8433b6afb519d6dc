drop index concurrently if exists event_operators;
