"""The street with its communities and two branches, and the accounts that the demo prints."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _

from portal import access, grants
from portal.demo import add_missing, key
from portal.models import Organization, OrganizationKind, User
from portal.organizations import load_organizations
from portal.roles import Purpose, Role

STREET = "340103005"
DIVISIONS = Path(__file__).parent / f"divisions-{STREET}.csv"
MARKET_BRANCH, DRIVERS_BRANCH = f"B-{STREET}-1", f"B-{STREET}002-1"
LINDIAN = f"{STREET}002"
OTHER_COMMUNITY = "340103990001"  # of an invented street beside it, without accounts


@dataclass(frozen=True)
class Account:
    username: str
    role: str
    code: str
    name: str


ACCOUNTS = (
    Account("district", Role.DISTRICT_ADMIN, "340103", "区委组织部演示账号"),
    Account("street", Role.STREET_ADMIN, STREET, "街道党建办演示账号"),
    Account("clerk", Role.STREET_CLERK, STREET, "街道工作人员演示账号"),  # the second person of a large export
    Account("community", Role.COMMUNITY_CLERK, LINDIAN, "林店社区演示账号"),
    Account("secretary", Role.BRANCH_SECRETARY, DRIVERS_BRANCH, "货车司机党支部书记演示账号"),
    Account("liaison", Role.LIAISON, LINDIAN, "专属联系人演示账号"),
    Account("visitor", Role.VISITOR, LINDIAN, "走访人员演示账号"),
    Account("operator", Role.OPERATOR, "34", "系统管理演示账号"),
)


def load_divisions() -> None:
    """Province to communities, from the file beside this module (as the owner, who alone may plant the root)."""
    with DIVISIONS.open(encoding="utf-8-sig", newline="") as lines:
        load_organizations(lines)


def add_branches() -> dict[str, Organization]:
    """The two branches; returns every organization of the street by code. The actor may change the street's tree."""
    by_code = {o.code: o for o in Organization.objects.all()}
    add_missing(
        [
            _branch(MARKET_BRANCH, "汽车市场流动党员党支部", "汽车销售", by_code[STREET]),
            _branch(DRIVERS_BRANCH, "货车司机流动党员党支部", "道路货运", by_code[LINDIAN]),
        ]
    )
    return {o.code: o for o in Organization.objects.all()}


def _branch(code: str, name: str, sector: str, parent: Organization) -> Organization:
    return Organization(
        pk=key("branch", code), code=code, name=name, short_name=name, party_name=name, sector=sector,
        kind=OrganizationKind.BRANCH, parent=parent,
    )  # fmt: skip


def accounts_file() -> Path:
    return settings.VAR_DIR / "demo-accounts.txt"


def add_accounts() -> dict[str, User]:
    """The accounts with their roles; passwords are set, and written down, when an account or the file is missing."""
    known = {user.username: user for user in User.objects.filter(username__in=[a.username for a in ACCOUNTS])}
    if len(known) == len(ACCOUNTS) and accounts_file().exists():
        return known
    passwords = {account.username: _password(account.username) for account in ACCOUNTS}
    with ThreadPoolExecutor() as pool:  # each hash takes a third of a second by intention
        hashes = dict(zip(passwords, pool.map(make_password, passwords.values()), strict=True))
    for account in ACCOUNTS:
        user = known.setdefault(account.username, User(username=account.username))
        user.name, user.email = account.name, f"{account.username}@example.invalid"
        user.password, user.must_change_password = hashes[account.username], False
        user.save()
        _grant(user, account)
    _write_accounts(passwords)
    return known


def _password(username: str) -> str:
    return f"youjia-{username}-2026" if settings.DEMO else secrets.token_urlsafe(12)


def _grant(user: User, account: Account) -> None:
    organization = Organization.objects.get(code=account.code)
    with access.acting_as(access.system_actor(Purpose.DEMO, organization)):
        grants.grant_role(user=user, role=account.role, organization=organization, reason="seed_demo")


def _write_accounts(passwords: dict[str, str]) -> None:
    lines = [_("Demo accounts (invented data only):")]
    lines += [f"  {a.username:<10} {passwords[a.username]:<22} {a.name}" for a in ACCOUNTS]
    file = accounts_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
