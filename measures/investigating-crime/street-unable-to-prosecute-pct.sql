-- One outcome of one crime is often listed twice in a month. A row without an
-- identifier cannot be known as a repeat, so each of those is kept.
with distinct_outcomes as (
  select distinct force, month, crime_id, outcome from outcomes where crime_id is not null
  union all
  select force, month, crime_id, outcome from outcomes where crime_id is null
)
select
  force,
  month,
  count(*) filter (where outcome in ('Unable to prosecute suspect')) as numerator,
  count(*) as denominator
from distinct_outcomes
group by force, month
