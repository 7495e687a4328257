-- Crimes recorded; antisocial behaviour is incidents and is counted by another measure.
with counted as (
  select force, month, lsoa, lsoa_vintage, count(*) as n
  from street
  where crime_type <> 'Anti-social behaviour'
  group by force, month, lsoa, lsoa_vintage
)
-- Each record belongs to the district of its own LSOA, in the vintage of its file.
select c.force, p.district as area, c.month, sum(c.n) as numerator
from counted c
left join places p on p.lsoa = c.lsoa and p.lsoa_vintage = c.lsoa_vintage
group by c.force, p.district, c.month
