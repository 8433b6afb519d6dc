drop function orders_match(jsonb, jsonb, integer[], text[], text[], text[], boolean[]);
