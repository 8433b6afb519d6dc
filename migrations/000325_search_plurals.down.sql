create or replace function search_alike(query tsquery) returns tsquery
language sql stable parallel safe
as $$
select case when numnode(query) = 0 then query
            else ts_rewrite(query, format(
                'select s.found, s.others from (select distinct on (place) found, others from search_synonym '
                'where numnode(found) > 0 and found <@ %L::tsquery order by place, word limit 20) s', query::text)) end
$$;

drop function search_plurals(tsquery);
