-- A line may belong to another of its cart, such as a warranty to what it is for. The reference is checked at the commit,
-- since a change drops lines and puts them again under their own ids. What attributes_hash tells apart are, beside the
-- attributes, the parent and the way of delivery: lines that differ in one of them are two lines.
alter table cart_line
  add column parent_id uuid,
  add constraint cart_line_of_cart unique (cart_id, id),
  add constraint cart_line_parent foreign key (cart_id, parent_id) references cart_line (cart_id, id)
    deferrable initially deferred,
  add constraint cart_line_parent_check check (parent_id <> id);

create index cart_line_parent_id on cart_line (cart_id, parent_id) where parent_id is not null;
