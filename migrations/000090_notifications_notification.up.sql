-- One row per message that an event of an order asks for: it makes a job that runs twice, also side by side, send
-- once. The row holds no address and no text; both are made from the order when the message is sent.
create table notification (
	order_id      uuid        not null,
	event_version integer     not null check (event_version > 0),
	kind          text        not null check (kind <> ''),
	state         text        not null default 'sending' check (state in ('sending', 'sent', 'refused', 'skipped')),
	message_id    text        not null,
	tries         integer     not null default 1 check (tries > 0),
	leased_until  timestamptz,
	problem       text,
	created_at    timestamptz not null default now(),
	sent_at       timestamptz,
	primary key (order_id, event_version, kind),
	check ((state = 'sent') = (sent_at is not null))
);
comment on column notification.tries is 'counts the tries; the holder of a lease is known by it';
comment on column notification.problem is 'why the last try did not succeed, without personal data';

create index notification_unfinished on notification (created_at) where state in ('sending', 'refused');
