-- Countries that are there today were there before, too.
select 1;
