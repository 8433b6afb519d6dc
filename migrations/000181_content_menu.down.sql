drop table menu_item;
drop table menu;
