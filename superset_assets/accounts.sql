-- Whose rows the account of an agency may see: its own, those of the agencies it took over from, and of whatever is below any of them.
with recursive upwards as (
  select agency_id, agency_id as within_id from main.dim_agency where agency_kind <> 'collective'
  union
  select upwards.agency_id, agencies.parent_id
  from upwards
  inner join main.dim_agency as agencies on agencies.agency_id = upwards.within_id
  where agencies.parent_id is not null
)
select distinct upwards.agency_id, holders.current_agency_code as account_code
from upwards
inner join main.dim_agency as holders on holders.agency_id = upwards.within_id
where holders.current_agency_code is not null
