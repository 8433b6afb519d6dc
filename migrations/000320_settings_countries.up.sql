-- A shop that was set to a code of a country that is no more is in the country of today that has its place. Orders and carts
-- keep what they say: nothing is sent to such a code, and placing refuses it.
with today (was, code) as (
    values ('BU', 'MM'), ('CP', 'FR'), ('CT', 'KI'), ('DD', 'DE'), ('DG', 'IO'), ('DY', 'BJ'), ('EA', 'ES'), ('FX', 'FR'),
           ('HV', 'BF'), ('IC', 'ES'), ('JT', 'UM'), ('MI', 'UM'), ('NH', 'VU'), ('NQ', 'AQ'), ('PU', 'UM'), ('PZ', 'PA'),
           ('RH', 'ZW'), ('TP', 'TL'), ('UK', 'GB'), ('VD', 'VN'), ('WK', 'UM'), ('YD', 'YE'), ('ZR', 'CD')
)
update shop
set country = coalesce((select code from today where was = country), country),
    ships_to = array(
        select distinct coalesce(code, ships)
        from unnest(ships_to) ships
        left join today on was = ships
        order by 1
    )
where country in (select was from today) or ships_to && array(select was from today);
