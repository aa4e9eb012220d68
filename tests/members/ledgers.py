"""The sample ledgers with the real tree below them, and ways to import one."""

import io
import json
from pathlib import Path
from typing import Any

from django.core.management import call_command

from members.models import LedgerImport, Member
from portal import access
from portal.models import Organization, User
from portal.organizations import load_organizations
from tests.members.ledger.making import DATA

STREET = "340103005"
COMMUNITY = "340103005001"
REFUSED = {
    "empty.xlsx": "empty",
    "truncated.xlsx": "damaged",
    "password.xlsx": "password",
    "bomb-60MB.xlsx": "too_large",
}
SAMPLES = sorted(path.name.removesuffix(".expected.json") for path in DATA.glob("*.expected.json"))


def build_offices() -> None:
    """The sample street and another one, with a clerk each; one clerk of a single community. Committed by the owner."""
    load_organizations((DATA / "organizations.csv").read_text(encoding="utf-8").splitlines())
    other = "340103077,别处街道,street,340103\n340103077001,德望社区居委会,community,340103077\n"
    load_organizations(("code,name,kind,parent_code\n" + other).splitlines())
    for name, role, code in (
        ("street", "street_clerk", STREET),
        ("community", "community_clerk", COMMUNITY),
        ("elsewhere", "street_clerk", "340103077"),
        ("viewer", "district_admin", "340103"),
    ):
        call_command("create_staff", name, "--role", role, "--organization", code, stdout=io.StringIO())


def acting(name: str) -> Any:
    return access.acting_as(access.user_actor(User.objects.get(username=name)))


def organization(code: str) -> Organization:
    return Organization.objects.get(code=code)


def importer(expected: dict[str, Any]) -> tuple[str, str]:
    """User name and organization of a sample's importer."""
    is_street = expected["importer"]["role"] == "street clerk"
    return ("street", STREET) if is_street else ("community", expected["importer"]["scope"][0])


def expected_of(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.expected.json").read_text(encoding="utf-8"))


def members(name: str = "street") -> list[Member]:
    with acting(name):
        return list(Member.objects.select_related("organization").order_by("created_at", "id"))


def batches(name: str = "street") -> list[LedgerImport]:
    with acting(name):
        return list(LedgerImport.objects.order_by("created_at"))


def run(path: Path, report: Path, *, user: str = "street", code: str = STREET, **options: Any) -> dict[str, Any]:
    """Run the real command and return its report; SystemExit passes through."""
    arguments = [str(path), "--organization", code, "--as", user, "--report", str(report)]
    for name, value in options.items():
        arguments += [f"--{name}"] if value is True else [f"--{name}", value]
    call_command("import_ledger", *arguments, stdout=io.StringIO(), stderr=io.StringIO())
    return json.loads(report.read_text(encoding="utf-8"))
