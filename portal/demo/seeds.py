"""The whole demo in order."""

from portal import access
from portal.demo import activities, checkin, contacts, dates, desks, members, needs, offices, twins, wishes
from portal.models import Organization
from portal.roles import Purpose


def seed() -> None:
    """Bring the demo's street to life; adds what is missing, changes nothing that is there."""
    offices.load_divisions()
    street = Organization.objects.get(code=offices.STREET)
    with access.acting_as(access.system_actor(Purpose.DEMO, street)) as by:
        organizations = offices.add_branches()
        users = offices.add_accounts()
        contacts.add_policy(street)
        people = members.add_members(organizations)
        liaisons = contacts.add_liaisons(organizations, users)
        contacts.add_assignments(people, liaisons)
        contacts.add_visitors(people, organizations[offices.LINDIAN], users)
        contacts.add_contacts(people, users)
        contacts.add_topics(people, users)
        needs.add_needs(people, users, by)
        needs.add_groups(organizations, people, liaisons)
        needs.add_visits(people, liaisons)
        needs.add_robot(organizations)
        wishes.add_wishes(people, by)
        contacts.add_decisions(people)
        contacts.add_lost(people)
        dates.add_rules(street, by)
        checkin.add_points(organizations)
        checkin.add_report_ins()
        checkin.add_own_pages(people, by)
        activities.add_activities(organizations, people, users)
        desks.add_desk()
    twins.add_twin()
