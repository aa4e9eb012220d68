from typing import Any

from django.conf import settings
from django.http import HttpRequest

from portal.grants import workplaces


def site(request: HttpRequest) -> dict[str, Any]:
    """What every page may need: whether this is the demo, and who reports on a printed list (asked there only)."""
    return {"demo": settings.DEMO, "print_unit": _print_unit}


def _print_unit() -> str:
    return "、".join(node.name for node in workplaces())
