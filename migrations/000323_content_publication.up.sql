-- What is published next, by itself, is asked whenever the content has changed: answers that are kept end then.
create index page_published_at_idx on page (published_at);
create index article_published_at_idx on article (published_at);
