"""docs/scoping.md shows the table of roles as the code has it."""

from django.conf import settings
from django.utils import translation

from portal.roles import PURPOSE_RIGHTS, ROLE_RIGHTS, Purpose, Right, Role

PAGE = settings.BASE_DIR / "docs" / "scoping.md"
START, END = "<!-- roles -->\n", "<!-- end of roles -->"


def tables():
    """The two tables of the page; paste them there when this test fails."""
    with translation.override("zh-hans"):
        lines = ["| Role | 角色 | Rights |", "|---|---|---|"]
        for role in Role:
            lines.append(f"| `{role.value}` | {role.label} | {_rights(ROLE_RIGHTS[role])} |")
        lines += ["", "| Purpose | Rights |", "|---|---|"]
        lines += [f"| `{purpose.value}` | {_rights(PURPOSE_RIGHTS[purpose])} |" for purpose in Purpose]
    return "\n".join(lines) + "\n"


def _rights(held):
    return ", ".join(f"`{right.value}`" for right in Right if right in held) or "–"


def test_page_has_the_table_of_the_code():
    page = PAGE.read_text(encoding="utf-8")
    assert page[page.index(START) + len(START) : page.index(END)] == tables()
