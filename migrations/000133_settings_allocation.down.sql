alter table shop drop column allocation, drop column location_priority;
