"""What a field is called on the screens where the ledger itself gives no header for it."""

from django.utils.translation import gettext


def field_label(field: str) -> str:
    """The word for a field key, or the key's own text (a header) where it is none of ours."""
    return {
        "name": gettext("name"),
        "community": gettext("community"),
        "direction": gettext("direction"),
        "gender": gettext("gender"),
        "ethnicity": gettext("ethnic group"),
        "birth_date": gettext("birth date"),
        "id_number": gettext("ID number"),
        "mobile": gettext("mobile"),
        "member_type": gettext("member type"),
        "join_date": gettext("date of joining"),
        "full_member_date": gettext("date of full membership"),
        "education": gettext("education"),
        "occupation": gettext("occupation"),
        "employer": gettext("employer"),
        "current_address": gettext("current address"),
        "remark": gettext("remark"),
        "last_contact_on": gettext("last contact"),
        "home": gettext("home organization"),
        "host": gettext("host organization"),
        "home_organization": gettext("home organization"),
        "host_organization": gettext("host organization"),
        "counterpart_contact": gettext("contact person of the other organization"),
        "counterpart_phone": gettext("phone of the other organization"),
        "destination": gettext("destination"),
        "started_on": gettext("started on"),
        "expected_end_on": gettext("expected end"),
        "ended_on": gettext("ended on"),
        "reason": gettext("reason for moving"),
    }.get(field, field)
