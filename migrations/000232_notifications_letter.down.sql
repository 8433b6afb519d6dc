comment on column notification.order_id is null;
