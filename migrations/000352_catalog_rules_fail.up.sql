-- Rules that can't be followed wait for their next try behind the others, longer each time, and say why. While next_try is set,
-- products that change are not held against them: the next try begins with all products anew.
alter table collection_membership
    add column tries    integer not null default 0, -- that failed since the rules changed or were last followed to the end
    add column next_try timestamptz,
    add column failure  text;
