alter table file_job drop column names_of;
