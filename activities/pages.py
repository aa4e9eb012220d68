"""What later apps add to the pages of an activity: functions that return (address, words of the link)."""

from collections.abc import Callable
from typing import Any

tools: list[Callable[[Any], tuple[str, str]]] = []
