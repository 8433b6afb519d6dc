drop function content_matches(tsvector, text, text[], jsonb, jsonb, integer[], text[], text[], text[], boolean[]);
drop table article;
drop table blog;
drop table page;
