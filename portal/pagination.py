"""Pages of long lists: the count stops where nobody pages on."""

from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

COUNT_MOST = 10_000


class CappedPaginator(Paginator):
    """Counts up to COUNT_MOST and then stops ("10000+"): a list of a million rows costs no more than one of 10,000."""

    template_name = "admin/capped_pagination.html"

    @cached_property
    def _found(self) -> int:
        return self.object_list.order_by()[: COUNT_MOST + 1].count()

    def validate_number(self, number: Any) -> int:
        """The first page exists whatever there is: it need not be counted for."""
        return 1 if str(number) == "1" else super().validate_number(number)

    @cached_property
    def count(self) -> int:
        return min(self._found, COUNT_MOST)

    @property
    def is_capped(self) -> bool:
        return self._found > COUNT_MOST
