"""What is to be done about a date, and a greeting to copy."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.copy_texts import text_to_report
from contacts.dates.enums import DateKind
from contacts.dates.models import DateReminder

TO_DO: dict[str, str | Promise] = {
    DateKind.PROBATION: gettext_lazy(
        "The probationary period ends: ask the branch to talk with the person and prepare the decision."
    ),
    DateKind.RETURN_SOON: gettext_lazy("Expected to return soon: ask whether this stands, and change the file if not."),
    DateKind.RETURN_DAY: gettext_lazy("Expected to return today: ask, and end the stay in the file or give a new day."),
    DateKind.HALF_YEAR: gettext_lazy("Half a year of study abroad: the home branch asks how things are."),
    DateKind.GRADUATED: gettext_lazy(
        "Two years since graduation: the school keeps a membership no longer. Help to transfer it."
    ),
    DateKind.DUES: gettext_lazy("Dues are paid until this month by the file: remind in person. Nothing is paid here."),
    DateKind.BIRTHDAY: gettext_lazy("Anniversary of joining: a greeting, best in person or by phone."),
    DateKind.OWN_REPORT: gettext_lazy("Once a year the person gets in touch with the office: please remind of it."),
    DateKind.FESTIVAL: gettext_lazy("Plan visits and greetings for the festival."),
}


def title_of(reminder: DateReminder) -> str:
    """The kind, or the festival by its name."""
    if reminder.kind == DateKind.FESTIVAL:
        return reminder.get_festival_display()
    return str(reminder.get_kind_display())


def greeting_of(reminder: DateReminder) -> str:
    """A text to copy for an anniversary of joining and for a report of one's own, "" for every other date. Nothing is
    sent by the portal."""
    if reminder.kind == DateKind.OWN_REPORT and reminder.member is not None:
        return text_to_report(reminder.organization)
    if reminder.kind != DateKind.BIRTHDAY or reminder.member is None:
        return ""
    years = reminder.day.year - int(reminder.member.join_date[:4] or reminder.day.year)
    return _(
        "%(name)s, today it is %(years)d years since you joined. All the best to you on this day; do tell us if there"
        " is anything we can do."
    ) % {"name": reminder.member.name, "years": years}
