-- Residents of each force area by ethnic group, summed from districts.
with by_force as (
  select
    f.force,
    arrow_cast(e.year, 'Int32') as year,
    sum(e.white) as white,
    sum(e.black) as black,
    sum(e.mixed + e.asian + e.other) as other
  from ethnic_groups e
  join district_lookup d on d.district = e.district
  join force_areas f on f.force_area = d.force_area
  group by f.force, e.year
)
select force, year, 'white' as "group", white as people from by_force
union all
select force, year, 'black' as "group", black as people from by_force
union all
select force, year, 'other' as "group", other as people from by_force
