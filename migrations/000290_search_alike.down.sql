alter table listing
    drop column alike;
