"""What a plan depends on beside the ledger: every file that a row may mean, every organization that it may name."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import connection

from members.importing.places import Places
from portal.new_rows import array_text, bytea_text

_STATE = """
with file as materialized (
  select m.id, m.xmin from members_member m
   where m.organization_id = any (%(reach)s)
     and (m.id_number_digest = any (%(numbers)s::bytea[]) or m.name = any (%(names)s::text[]))
)
select (select string_agg(id || ' ' || xmin, ',' order by id) from file),
       (select string_agg(v.id || ' ' || v.xmin, ',' order by v.id)
          from members_movement v join file on file.id = v.member_id),
       (select string_agg(p.id || ' ' || p.xmin, ',' order by p.id)
          from members_phone p join file on file.id = p.member_id)
"""


@dataclass(slots=True)
class Basis:
    """What the rows of a ledger look for: digests of ID numbers, and names."""

    numbers: list[bytes]
    names: list[str]

    def state(self, places: Places) -> str:
        """A digest of the versions of all rows: whoever changes one of them changes it. One query."""
        nodes = sorted(
            (node.pk.hex, str(node.path), node.code, node.name, node.short_name, node.party_name, node.is_active)
            for node in places.reach.values()
        )
        numbers = array_text([bytea_text(number) for number in self.numbers])
        given: dict[str, Any] = {"reach": list(places.reach), "numbers": numbers, "names": array_text(self.names)}
        with connection.cursor() as cursor:
            cursor.execute(_STATE, given)
            return hashlib.sha256(repr((places.target.pk, nodes, cursor.fetchone())).encode()).hexdigest()
