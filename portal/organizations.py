"""Loading the tree from a file of divisions."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from portal.models import Organization, OrganizationKind

COLUMNS = ("code", "name", "kind", "parent_code")
MAX_ROWS = 700_000


class FileRefused(Exception):
    """The file has problems; `problems` are sentences with line numbers. Nothing was written."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass
class Loaded:
    created: int = 0
    changed: int = 0
    unchanged: int = 0
    codes: list[str] = field(default_factory=list)


def short_name(name: str) -> str:
    """林店社区居委会 → 林店社区; other names stay as they are."""
    for ending in ("居民委员会", "居委会", "村民委员会", "村委会"):
        if name.endswith(ending):
            stem = name.removesuffix(ending)
            return stem if stem.endswith(("社区", "村")) else name
    return name


def party_name(name: str, kind: str) -> str:
    """The party organization's usual name: 林店社区党委, 杏花村街道党工委. A clerk may change it."""
    if kind == OrganizationKind.COMMUNITY:
        return f"{short_name(name)}党委"
    return f"{name}党工委" if kind == OrganizationKind.STREET else ""


def load_organizations(lines: Iterable[str], *, using: str = "owner") -> Loaded:
    """Bring the tree into line with a CSV of divisions (columns code,name,kind,parent_code), all or nothing.

    Names and parents of known codes follow the file; nodes that the file does not name, or that were merged, stay.
    Runs as the owner, since the first nodes have no superior who could allow them. Raises FileRefused.
    """
    rows = _read(lines)
    listed = Organization.objects.using(using).select_related("merged_into").filter(code__in=_codes_in(rows))
    known = {organization.code: organization for organization in listed}
    problems = _problems(rows, known)
    if problems:
        raise FileRefused(problems)
    result = Loaded()
    with transaction.atomic(using=using):
        for depth in _levels(rows, known):
            _write_level(depth, known, result, using)
    return result


def _read(lines: Iterable[str]) -> list[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(lines)
    if reader.fieldnames is None or [name.strip().lstrip("\ufeff") for name in reader.fieldnames] != list(COLUMNS):
        raise FileRefused([_("The first line must be: code,name,kind,parent_code")])
    rows = []
    for row in reader:
        values = {key.lstrip("\ufeff"): (value or "").strip() for key, value in row.items() if key}
        rows.append((reader.line_num, values))
        if len(rows) > MAX_ROWS:
            raise FileRefused([_("The file has more than %(most)s lines.") % {"most": MAX_ROWS}])
    return rows


def _codes_in(rows: list[tuple[int, dict[str, str]]]) -> set[str]:
    return {row["code"] for _line, row in rows} | {row["parent_code"] for _line, row in rows}


def _problems(rows: list[tuple[int, dict[str, str]]], known: dict[str, Organization]) -> list[str]:
    found: list[str] = []
    seen: dict[str, int] = {}
    in_file = {row["code"] for _line, row in rows}
    for line, row in rows:
        where = {"line": line, "code": row["code"]}
        if not row["code"] or not row["name"]:
            found.append(_("Line %(line)s: code and name must not be empty.") % where)
        elif row["code"] in seen:
            found.append(
                _("Line %(line)s: the code %(code)s stands in line %(first)s already.")
                % {**where, "first": seen[row["code"]]}
            )
        seen.setdefault(row["code"], line)
        if row["kind"] not in OrganizationKind.values:
            found.append(_("Line %(line)s: the kind %(kind)s is unknown.") % {**where, "kind": row["kind"]})
        if row["parent_code"] and row["parent_code"] not in in_file and row["parent_code"] not in known:
            found.append(
                _("Line %(line)s: the superior %(parent)s is unknown.") % {**where, "parent": row["parent_code"]}
            )
        if row["parent_code"] == row["code"]:
            found.append(_("Line %(line)s: an organization cannot be its own superior.") % where)
    return found


def _levels(
    rows: list[tuple[int, dict[str, str]]], known: dict[str, Organization]
) -> Iterable[list[tuple[int, dict[str, str]]]]:
    """The rows from the top down, so that a parent is there before its children. Raises FileRefused on a circle."""
    waiting, placed = rows, set(known) - {row["code"] for _line, row in rows} | {""}
    while waiting:
        level = [item for item in waiting if item[1]["parent_code"] in placed]
        if not level:
            lines = ", ".join(str(line) for line, _row in waiting[:10])
            raise FileRefused(
                [_("Lines %(lines)s: these organizations are superiors of each other.") % {"lines": lines}]
            )
        yield level
        placed |= {row["code"] for _line, row in level}
        waiting = [item for item in waiting if item[1]["code"] not in placed]


def _write_level(
    level: list[tuple[int, dict[str, str]]], known: dict[str, Organization], result: Loaded, using: str
) -> None:
    fresh, touched = [], []
    for _line, row in level:
        parent = known.get(row["parent_code"])
        if parent is not None and parent.merged_into is not None:  # a file from before the merge
            parent = parent.merged_into
        node = known.get(row["code"])
        result.codes.append(row["code"])
        if node is not None and node.merged_into_id:
            result.unchanged += 1
        elif node is None:
            node = Organization(code=row["code"], kind=row["kind"], parent=parent, name=row["name"])
            node.short_name, node.party_name = short_name(row["name"]), party_name(row["name"], row["kind"])
            fresh.append(node)
            known[row["code"]] = node
            result.created += 1
        elif (node.name, node.kind, node.parent_id) != (row["name"], row["kind"], parent.pk if parent else None):
            node.name, node.kind, node.parent = row["name"], row["kind"], parent
            touched.append(node)
            result.changed += 1
        else:
            result.unchanged += 1
    Organization.objects.using(using).bulk_create(fresh, batch_size=5000)
    Organization.objects.using(using).bulk_update(touched, ["name", "kind", "parent"], batch_size=1000)
