-- History of shared records: read with the row it belongs to, written by triggers alone.

alter table contacts_liaisonevent enable row level security;
create policy see on contacts_liaisonevent for select using (
  exists (select 1 from contacts_liaison l where l.id = pgh_obj_id));
revoke insert, update, delete on contacts_liaisonevent from {app};

alter table contacts_contactpolicyevent enable row level security;
create policy see on contacts_contactpolicyevent for select using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
revoke insert, update, delete on contacts_contactpolicyevent from {app};

-- Robots, days off and rules of dates: read by those who set them. The country's days are nobody's.
alter table contacts_channelaccountevent enable row level security;
create policy see on contacts_channelaccountevent for select using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
revoke insert, update, delete on contacts_channelaccountevent from {app};

alter table contacts_calendardayevent enable row level security;
create policy see on contacts_calendardayevent for select using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
revoke insert, update, delete on contacts_calendardayevent from {app};

alter table contacts_dateruleevent enable row level security;
create policy see on contacts_dateruleevent for select using (
  organization_id = any ((select portal.organization_ids('assign_liaisons'))::uuid[]));
revoke insert, update, delete on contacts_dateruleevent from {app};
