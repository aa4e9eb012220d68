"""Steps of a clerk on the import pages, for tests."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from members.models import LedgerImport
from tests.members.ledger.making import HEADER, person, xlsx

LIST = "admin:members_ledgerimport_changelist"


def row(number=1, community="样例C111", **changes):
    return person(number, 所属社区=f"{community}居委会", **changes)


def upload(client, world, *rows, key="S11", header=HEADER, content=None, name="台账.xlsx", **more):
    """Post a ledger; the answer of the page."""
    content = content if content is not None else xlsx({"Sheet1": [header, *rows]})
    given = {
        "file": SimpleUploadedFile(name, content),
        "organization": str(world.organization(key).pk),
        "direction": "",
    }
    return client.post(reverse(LIST), given | more)


def paste(client, world, text, key="S11", **more):
    given = {"pasted": text, "organization": str(world.organization(key).pk), "direction": "", "columns": ""}
    return client.post(reverse(LIST), given | more)


def import_of(answer):
    """The import that a page went to; call it while somebody acts who sees it."""
    return LedgerImport.objects.get(pk=answer.url.rstrip("/").split("/")[-2])
