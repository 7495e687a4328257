-- Residents of each district by year of the estimate, summed from LSOAs.
select
  pl.force,
  pl.district,
  min(pl.district_name) as district_name,
  arrow_cast(po.year, 'Int32') as year,
  sum(po.people) as people
from population po
join places pl on pl.lsoa = po.lsoa and pl.lsoa_vintage = po.lsoa_vintage
where pl.force is not null and pl.district is not null
group by pl.force, pl.district, po.year
