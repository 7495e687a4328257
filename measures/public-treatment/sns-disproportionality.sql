-- Searches of people by the group in which they put themselves, with the residents of
-- that group in the force's area. “Not stated” and blank are not known.
with searched as (
  select
    force,
    month,
    case
      when self_defined_ethnicity like 'Black%' then 'black'
      when self_defined_ethnicity like 'White%' then 'white'
      when self_defined_ethnicity is null or self_defined_ethnicity like '%Not stated%' then 'not known'
      else 'other'
    end as "group"
  from stops
  where type is distinct from 'Vehicle search'
)
select
  s.force,
  s.month,
  s."group",
  count(*) as numerator,
  max(r.people) as denominator,
  max(r.year) as denominator_year
from searched s
left join residents_by_group r on r.force = s.force and r."group" = s."group"
group by s.force, s.month, s."group"
