-- Plurals that no stemmer undoes, in the form to which it brings both words. Who asks for one finds the other; they come after
-- the shop's own synonyms, which may be either.
create function search_plurals(query tsquery) returns tsquery
language sql stable parallel safe
as $$
select ts_rewrite(query, format(
    'select found::tsquery, others::tsquery from (
         select unnest(array[one, many]) as found, one || '' | '' || many as others
         from (values (''calf'', ''calv''), (''child'', ''children''), (''dwarf'', ''dwarv''), (''elf'', ''elv''), (''foot'', ''feet''),
                      (''goos'', ''gees''), (''half'', ''halv''), (''hoof'', ''hoov''), (''knife'', ''knive''), (''leaf'', ''leav''),
                      (''loaf'', ''loav''), (''man'', ''men''), (''mous'', ''mice''), (''person'', ''peopl''), (''scarf'', ''scarv''),
                      (''shelf'', ''shelv''), (''tooth'', ''teeth''), (''wolf'', ''wolv''), (''woman'', ''women'')) w(one, many)) p
     where found::tsquery <@ %L::tsquery', query::text))
$$;

create or replace function search_alike(query tsquery) returns tsquery
language sql stable parallel safe
as $$
select case when numnode(query) = 0 then query
            else search_plurals(ts_rewrite(query, format(
                'select s.found, s.others from (select distinct on (place) found, others from search_synonym '
                'where numnode(found) > 0 and found <@ %L::tsquery order by place, word limit 20) s', query::text))) end
$$;
