-- Every search, of people and of vehicles, in the month of its file.
select force, month, count(*) as numerator
from stops
group by force, month
