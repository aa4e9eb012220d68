"""查看完整号码: the POST behind the small forms of a card. In place with a script, as the card again without one.

Nothing of it is kept by the browser, and the value is in no address; after a minute it is hidden again.
"""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from members import card, revealing
from members.file_fields import FIELDS
from members.models import Member, Movement, access_member
from portal import access
from portal.roles import Right

SHOWN_SECONDS = 60


class RevealForm(forms.Form):
    field = forms.ChoiceField(choices=[(name, name) for name in revealing.FIELDS])
    row = forms.UUIDField(required=False)
    key = forms.UUIDField()
    reason = forms.CharField(required=False, max_length=20)
    text = forms.CharField(required=False, max_length=revealing.MOST_TEXT)


@require_POST
def reveal_view(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show one value of one file that the actor reads, once.

    403 without the right to it, 429 beyond the hour's number, 503 when it cannot be recorded.
    """
    by = access.actor()
    member = access_member(by, pk)
    form = RevealForm(request.POST)
    if not form.is_valid():
        return _refused(request, member, _("Please check the entries."), 400)
    given = form.cleaned_data
    wish = revealing.Wish(given["field"], given["reason"], given["text"], given["row"], given["key"])
    try:
        value = revealing.reveal_field(member=member, wish=wish, by=by)
    except ValidationError as refusal:
        return _refused(request, member, refusal.messages[0], 400)
    except revealing.AlreadyShown:
        return _refused(request, member, _("This was shown already. Please ask for it again if you need it."), 409)
    except revealing.TooMany:
        return _told(request, member, _("You have opened many full numbers in this hour"), _(
            "For the protection of the members only so many can be opened in an hour. Please go on in the next hour,"
            " or ask your administrator."
        ), 429)  # fmt: skip
    except revealing.NotRecorded:
        return _told(request, member, _("The number was not opened"), _(
            "It could not be written into the log just now, so it is not shown. Please try again later."
        ), 503)  # fmt: skip
    if _is_script(request):
        return JsonResponse({"value": value, "key": str(uuid.uuid4()), "seconds": SHOWN_SECONDS})
    return _card(request, member, (wish.name, wish.row, value))


def _card(request: HttpRequest, member: Member, shown: Any) -> HttpResponse:
    response = TemplateResponse(request, "admin/members/member/card.html", page(request, member, shown))
    response["Refresh"] = f"{SHOWN_SECONDS}; url={_card_address(member)}"  # hides it again without a script
    return response


def page(request: HttpRequest, member: Member, shown: Any = None) -> dict[str, Any]:
    """What the template of the card gets; `shown` as members.card.build takes it."""
    built = card.build(member, request, shown)
    twin = built["twin"]
    both = (member, twin) if twin else ()
    screen: Any = admin.site._registry[Member]
    return {
        **admin.site.each_context(request),
        **built,
        "may_merge": bool(both) and all(access.may(Right.CHANGE_MEMBERS, one.organization) for one in both),
        "title": _("Card of one member"),
        "member": member,
        "opts": Member._meta,
        "may_change": screen.has_change_permission(request, member),
    }


def stored_values(member: Member, movement: Movement | None) -> list[tuple[str, str]]:
    """The masked values of a file with their small forms, for the page on which the file is changed."""
    facts = revealing.Facts(member, access.actor())
    found: list[tuple[str, str]] = []
    for field in FIELDS:
        if field.is_masked and not (field.of_movement and movement is None):
            label, text = facts.show(field.key, movement if field.of_movement else None)
            if isinstance(text, revealing.Masked):
                found.append((label, text))
    return found


def _card_address(member: Member) -> str:
    return reverse("admin:members_member_card", args=[member.pk])


def _is_script(request: HttpRequest) -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _refused(request: HttpRequest, member: Member, sentence: str, status: int) -> HttpResponse:
    """A sentence beside the field, or above the card."""
    if _is_script(request):
        return JsonResponse({"error": sentence, "key": str(uuid.uuid4())}, status=status)
    messages.error(request, sentence)
    return redirect(_card_address(member))


def _told(request: HttpRequest, member: Member, title: str, sentence: str, status: int) -> HttpResponse:
    """A page of its own: the card itself might not be possible now."""
    if _is_script(request):
        return JsonResponse({"error": f"{title}。{sentence}", "key": str(uuid.uuid4())}, status=status)
    context = {"title": title, "sentence": sentence, "back": _card_address(member)}
    return TemplateResponse(request, "admin/members/member/not_revealed.html", context, status=status)
