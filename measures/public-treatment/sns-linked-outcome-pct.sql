-- A blank link is not a “no”: such rows are left out of both counts and returned beside them.
select
  force,
  month,
  count(*) filter (
    where outcome_linked and outcome is distinct from 'A no further action disposal'
  ) as numerator,
  count(*) filter (where outcome_linked is not null) as denominator,
  count(*) filter (where outcome_linked is null) as left_out
from stops
group by force, month
