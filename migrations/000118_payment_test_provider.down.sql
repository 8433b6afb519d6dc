drop table test_provider_method;

-- Entries of the new kinds stay what they are: books are never rewritten.
alter table test_provider_entry
  drop constraint test_provider_entry_kind_check,
  add constraint test_provider_entry_kind_check check (kind in
    ('CHALLENGE', 'PENDING', 'AUTHORIZE', 'DECLINE', 'CLOSE', 'CAPTURE', 'REFUND', 'VOID')) not valid,
  drop column saved,
  drop column settles_by,
  drop column expires_at;
