drop view audit.m7_violations;
drop view audit.m7_coupon_violations;
drop view audit.discount;

create or replace view audit.coupon as
select null::text as id, null::bigint as usage_limit, null::bigint as uses
where false;

drop table promotion_use;
drop table promotion_code;
drop table promotion;
drop function promotion_use_counts();
drop function promotion_guard();
