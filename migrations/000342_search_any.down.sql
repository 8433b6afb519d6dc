create or replace function orders_match(
  texts jsonb, times jsonb, clauses integer[], fields text[], operators text[], terms text[], denied boolean[]
) returns boolean
language sql stable parallel safe
as $$
select not exists (
  select
  from unnest(clauses, fields, operators, terms, denied) t(clause, field, op, value, denied)
  group by t.clause
  having not bool_or(t.denied <> coalesce(case
    when t.field in ('', 'name') and t.op = 'begins' then
      starts_with(texts ->> 'name', ltrim(t.value, '#')) or t.field = '' and starts_with(texts ->> 'email', lower(t.value))
    when t.field in ('', 'name') then
      texts ->> 'name' = ltrim(t.value, '#') or t.field = '' and texts ->> 'email' = lower(t.value)
    when texts ? t.field and t.op = 'begins' then starts_with(lower(texts ->> t.field), lower(t.value))
    when texts ? t.field then lower(texts ->> t.field) = lower(t.value)
    when t.op = '=' then (times ->> t.field)::timestamptz = t.value::timestamptz
    when t.op = '<' then (times ->> t.field)::timestamptz < t.value::timestamptz
    when t.op = '<=' then (times ->> t.field)::timestamptz <= t.value::timestamptz
    when t.op = '>' then (times ->> t.field)::timestamptz > t.value::timestamptz
    when t.op = '>=' then (times ->> t.field)::timestamptz >= t.value::timestamptz
  end, false))
)
$$;

create or replace function customers_match(
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
