-- What a product is shown with besides its images. position is the place among all its media; the images stand, in
-- their own order, in the places that are left. address is what a medium is known by: where it came from, or its first
-- source. sources holds the files of a video or of a model.
create table product_media (
    id             uuid primary key,
    product_id     uuid not null references product (id) on delete cascade,
    kind           text not null check (kind in ('VIDEO', 'EXTERNAL_VIDEO', 'MODEL_3D')),
    position       integer not null check (position >= 1),
    address        text not null check (address <> ''),
    alt            text,
    preview_url    text check (preview_url <> ''),
    preview_width  integer check (preview_width > 0),
    preview_height integer check (preview_height > 0),
    host           text check (host in ('YOUTUBE', 'VIMEO')),
    embed_url      text check (embed_url <> ''),
    sources        jsonb not null default '[]',
    created_at     timestamptz not null default now(),
    constraint product_media_address_key unique (product_id, address),
    constraint product_media_external_check check ((kind = 'EXTERNAL_VIDEO') = (host is not null and embed_url is not null))
);
