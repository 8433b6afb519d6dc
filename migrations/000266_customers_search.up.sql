-- What the words of a search for customers are looked for in.
alter table customer add column found_by text generated always as (
    lower(coalesce(first_name, '') || ' ' || coalesce(last_name, '') || ' ' || email || ' ' || coalesce(phone, ''))
) stored;

create index customer_created_at on customer (created_at, id);
create index customer_updated_at on customer (updated_at, id);

do $$
begin
    if exists (select from pg_extension where extname = 'pg_trgm') then
        create index customer_found_by on customer using gin (found_by gin_trgm_ops);
    end if;
end
$$;

-- Whether a customer fulfills a search: every clause must hold, and a clause holds when one of its terms does. A word is
-- found anywhere in names, e-mail address and phone number; a name is the first, the last, or both.
create function customers_match(
  found_by text, texts jsonb, times jsonb, clauses integer[], fields text[], operators text[], terms text[], denied boolean[]
) returns boolean
language sql stable parallel safe
as $$
select not exists (
  select
  from unnest(clauses, fields, operators, terms, denied) t(clause, field, op, value, denied)
  group by t.clause
  having not bool_or(t.denied <> coalesce(case
    when t.field = '' and t.op = 'begins' then position(' ' || lower(t.value) in ' ' || found_by) > 0
    when t.field = '' then position(lower(t.value) in found_by) > 0
    when texts ? t.field then exists (
      select
      from jsonb_array_elements_text(texts -> t.field) v(text)
      where case when t.op = 'begins' then starts_with(lower(v.text), lower(t.value)) else lower(v.text) = lower(t.value) end
    )
    when t.op = '=' then (times ->> t.field)::timestamptz = t.value::timestamptz
    when t.op = '<' then (times ->> t.field)::timestamptz < t.value::timestamptz
    when t.op = '<=' then (times ->> t.field)::timestamptz <= t.value::timestamptz
    when t.op = '>' then (times ->> t.field)::timestamptz > t.value::timestamptz
    when t.op = '>=' then (times ->> t.field)::timestamptz >= t.value::timestamptz
  end, false))
)
$$;
