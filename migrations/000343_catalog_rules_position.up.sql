-- At which position a change waits to be held against rules, and a collection for its members, so that readers can wait until
-- both were. Null is what a process of the release before has written, and stock, which is no change of the catalog: nobody
-- waits for those.
alter table collection_change add column position bigint;
alter table collection_membership add column asked bigint;

create index collection_change_position_idx on collection_change (position) where position is not null;
