-- The ways of delivery that the flat-rate provider offers, one row per option and condition. A row applies to one
-- country, or with an empty country to all; the bounds are "from, inclusive" and "to, exclusive".
create table shipping_option (
  handle       text not null check (handle <> ''),
  title        text not null check (title <> ''),
  description  text not null default '',
  country      text not null default '' check (country ~ '^([A-Z]{2})?$'),
  currency     text not null check (currency ~ '^[A-Z]{3}$'),
  price        bigint not null check (price >= 0),
  min_subtotal bigint not null default 0 check (min_subtotal >= 0),
  max_subtotal bigint check (max_subtotal > min_subtotal),
  min_grams    bigint not null default 0 check (min_grams >= 0),
  max_grams    bigint check (max_grams > min_grams),
  active       boolean not null default true,
  primary key (handle, country, currency, min_subtotal, min_grams)
);

-- A start that a shop adjusts: standard delivery, free from 50 on, and express.
with known (code, unit) as (
  values
    ('AED', 100), ('AUD', 100), ('BRL', 100), ('CAD', 100), ('CHF', 100), ('CNY', 100),
    ('CZK', 100), ('DKK', 100), ('EUR', 100), ('GBP', 100), ('HKD', 100), ('HUF', 100),
    ('ILS', 100), ('INR', 100), ('MXN', 100), ('MYR', 100), ('NOK', 100), ('NZD', 100),
    ('PHP', 100), ('PLN', 100), ('RON', 100), ('SAR', 100), ('SEK', 100), ('SGD', 100),
    ('THB', 100), ('TRY', 100), ('TWD', 100), ('UAH', 100), ('USD', 100), ('ZAR', 100),
    ('CLP', 1000), ('ISK', 100), ('JPY', 100), ('KRW', 1000), ('VND', 20000), ('BHD', 1000),
    ('JOD', 1000), ('KWD', 1000), ('OMR', 1000), ('TND', 1000)
)
insert into shipping_option (handle, title, description, currency, price, min_subtotal)
select 'standard', 'Standard', '3 to 5 business days', code, unit * 490 / 100, 0
from known
union all
select 'standard', 'Standard', '3 to 5 business days', code, 0, unit * 50
from known
union all
select 'express', 'Express', '1 to 2 business days', code, unit * 1490 / 100, 0
from known;
