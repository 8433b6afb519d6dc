-- The row's digest, where all of a product's variants can be bought or none of them: filters are then counted by the row
-- alone. Whoever writes a row and does not know of this column leaves another digest behind, and the variants are asked.
alter table listing
    add column alike text not null default '';
