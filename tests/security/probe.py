"""The clerk of one community as a prober: every answer is scanned for canaries and keys of foreign rows."""

import re
from typing import Any
from urllib.parse import unquote_plus, urlencode

from django.test import Client

from contacts.models import ContactLog, Liaison, LiaisonAssignment
from members.models import Member
from tests.security.canaries import canaries

CLERK = "community_clerk@C111"
FOREIGN = ("C112", "C121", "C211")
LISTS = {
    "members_member": "/admin/members/member/",
    "contacts_contactobligation": "/admin/contacts/contactobligation/",
    "contacts_contactlog": "/admin/contacts/contactlog/",
    "contacts_liaison": "/admin/contacts/liaison/",
    "contacts_contactpolicy": "/admin/contacts/contactpolicy/",
    "contacts_outboundmessage": "/admin/contacts/outboundmessage/",
    "activities_activity": "/admin/activities/activity/",
    "checkin_checkinpoint": "/admin/checkin/checkinpoint/",
    "checkin_reportin": "/admin/checkin/reportin/",
}
VARIABLE = re.compile(rb"[0-9a-f]{8}-[0-9a-f-]{27}|csrfmiddlewaretoken\" value=\"\w+\"|nonce-?[^\"' ;]*")


class Probe:
    """A logged-in clerk whose every answer is scanned."""

    def __init__(self, client: Client, keys: dict[str, dict[str, str]], readable: tuple[str, ...]) -> None:
        self.client, self.keys, self.readable = client, keys, readable
        self.canaries = canaries(keys)
        client.raise_request_exception = False

    def get(self, path: str, query: Any = "") -> Any:
        text = query if isinstance(query, str) else urlencode(query, doseq=True)
        return self._scanned(self.client.get(f"{path}?{text}" if text else path), f"{path} {text}")

    def post(self, path: str, data: dict[str, Any] | None = None, follow: bool = False) -> Any:
        sent = f"{path} {data}"
        return self._scanned(self.client.post(path, data or {}, follow=follow), sent)

    def _scanned(self, response: Any, asked: str) -> Any:
        assert response.status_code < 500, f"{asked}: {response.status_code}"
        leaked = self.canaries.found_in(response, readable=self.readable, asked=asked)
        # what was typed may come back in its box; what it finds is counted by the probes
        leaked = {word for word in leaked if word not in asked and word not in unquote_plus(asked)}
        assert not leaked, f"{asked} leaks {sorted(leaked)}"
        return response


def rows_shown(response: Any) -> int:
    """How many rows the list counts."""
    return response.context["cl"].result_count


def masked(response: Any) -> bytes:
    """The body without keys, tokens and nonces: what two answers must share."""
    return VARIABLE.sub(b"", response.content)


def fingerprint(acting: Any) -> dict[str, Any]:
    """What three streets hold: equal before and after a write that must not happen."""
    found = {}
    for who in ("street_clerk@S11", "street_clerk@S12", "street_clerk@S21"):
        with acting(who):
            found[who] = (
                sorted(Member.objects.values_list("pk", "organization_id", "name")),
                sorted(Liaison.objects.values_list("pk", "organization_id")),
                sorted(LiaisonAssignment.objects.values_list("pk", "liaison_id", "ended_on")),
                ContactLog.objects.count(),
            )
    return found
