"""What a plan depends on beside the ledger: every file that a row may mean, every organization that it may name."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import connection

from members.importing.places import Places
from portal.new_rows import array_text, bytea_text


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
        given: list[Any] = [list(places.reach), numbers, array_text(self.names)]
        with connection.cursor() as cursor:
            cursor.execute("select portal.ledger_basis(%s::uuid[], %s::bytea[], %s::text[])", given)
            return hashlib.sha256(repr((places.target.pk, nodes, cursor.fetchone())).encode()).hexdigest()
