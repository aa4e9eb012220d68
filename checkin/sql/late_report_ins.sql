-- Report-ins that nobody has decided for more than a day (checkin/models.py: late), for the digests of the offices that
-- hold them (contacts/sql/office_lines.sql, which asks for the right).
create or replace function portal.late_report_ins(nodes uuid[]) returns table (node uuid, number int)
language sql stable set search_path = pg_catalog as $$
  select r.organization_id, count(*)::int from public.checkin_reportin r
   where r.organization_id = any (nodes) and r.state in ('waiting', 'referred')
     and r.submitted_at < now() - interval '1 day'
   group by r.organization_id
$$;
