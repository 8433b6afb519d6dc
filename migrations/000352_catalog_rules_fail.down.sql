alter table collection_membership
    drop column tries,
    drop column next_try,
    drop column failure;
