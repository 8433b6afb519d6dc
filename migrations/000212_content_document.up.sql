-- What a search of the whole shop reads of its pages and articles.
create view content_document as
select 'Page'::text as kind, p.id, p.title, ''::text as author, p.body, '{}'::text[] as tags, p.search, p.published_at
from page p
union all
select 'Article'::text, a.id, a.title, a.author_first_name || ' ' || a.author_last_name, a.body, a.tags, a.search, a.published_at
from article a;
