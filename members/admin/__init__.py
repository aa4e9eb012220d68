"""Staff screens of members. Other apps add columns, filters and card sections through the lists in these modules."""

from members import card, provenance
from members.admin import ledger_exports as _ledger_exports  # noqa: F401  registers the screen
from members.admin import ledgers as _ledgers  # noqa: F401  registers the screen
from members.admin import members as _members  # noqa: F401  registers the screen
from members.admin import transfers as _transfers  # noqa: F401  registers the screen
from members.admin.members import MemberAdmin, extra_columns, extra_filters, extra_steps

__all__ = ["MemberAdmin", "extra_columns", "extra_filters", "extra_steps"]

card.sections.append(provenance.section)
