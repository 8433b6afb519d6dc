drop trigger stock_level_denied on stock_level;
drop function stock_level_denied();

alter table stock_level
    drop constraint stock_level_denied_check,
    drop column denied;
