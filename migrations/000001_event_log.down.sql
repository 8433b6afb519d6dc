-- The role stays: it belongs to the whole server, and other databases may use it.
drop table event_feed;
drop table event;
drop function ledger_only(regclass);
drop function refuse_ledger_change();
drop function wharf_app_rights();

do $$
begin
  if exists (select from pg_roles where rolname = 'wharf_app') then
    alter default privileges revoke all on tables from wharf_app;
    alter default privileges revoke all on sequences from wharf_app;
  end if;
end
$$;
