-- Whether an order fulfills a search: every clause must hold, and a clause holds when one of its terms does. A word is
-- an order's name, with or without the sign in front, or an e-mail address.
create function orders_match(
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
