-- Every LSOA of either vintage with the district it lies in and the force that polices it.
-- Districts that were merged or renamed are carried to their successors first, so that an
-- LSOA is found whichever year's district list its row was published with.
with lsoas as (
  select lsoa_2011 as lsoa, arrow_cast(2011, 'Int16') as lsoa_vintage, min(district) as district
  from lsoa_lookup
  group by lsoa_2011
  union all
  select lsoa_2021 as lsoa, arrow_cast(2021, 'Int16') as lsoa_vintage, min(district) as district
  from lsoa_lookup
  group by lsoa_2021
),
district_names as (
  select district, min(district_name) as district_name
  from lsoa_lookup
  group by district
),
successors as (
  select district, min(successor) as successor, min(successor_name) as successor_name
  from district_successors
  group by district
),
policed as (
  select coalesce(s.successor, d.district) as district, min(f.force) as force
  from district_lookup d
  left join successors s on s.district = d.district
  left join force_areas f on f.force_area = d.force_area
  group by coalesce(s.successor, d.district)
)
select
  l.lsoa,
  l.lsoa_vintage,
  coalesce(s.successor, l.district) as district,
  coalesce(s.successor_name, n.district_name) as district_name,
  p.force
from lsoas l
left join successors s on s.district = l.district
left join district_names n on n.district = l.district
left join policed p on p.district = coalesce(s.successor, l.district)
