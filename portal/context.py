from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """What every page may need: whether this is the demo."""
    return {"demo": settings.DEMO}
