"""Whether the episode of a row contradicts another one of the person: the database would refuse the whole import."""

from typing import Any

from members.enums import Direction
from members.episodes import certainly_overlap
from members.importing.drafts import Draft, MovementDraft
from members.importing.places import Places


def contradiction(draft: Draft, movement: MovementDraft, values: dict[str, Any], places: Places) -> str:
    """The code of a problem if this episode (with the row's `values`) cannot stand beside the others, else ""."""
    started, ended = (_after(movement, values, name) for name in ("started_on", "ended_on"))
    for other in draft.movements:
        if other is movement:
            continue
        span = (other.text("started_on"), other.text("ended_on"))
        if other.direction == movement.direction and certainly_overlap((started, ended), span):
            return "episodes_overlap"
        if ended or not other.is_open:
            continue
        for side in ("home", "host"):
            here, there = _linked(draft, movement, values, side, places), other.linked(side)
            if here is not None and there is not None and here.pk != there.pk:
                return "second_side"
    return ""


def _after(movement: MovementDraft, values: dict[str, Any], name: str) -> str:
    text = values.get(name, "")
    return text if text and not movement.holds(name, text) else movement.text(name)


def _linked(draft: Draft, movement: MovementDraft, values: dict[str, Any], side: str, places: Places) -> Any:
    """The organization of the portal that the episode will name on this side."""
    text = values.get(side, "")
    if text and not movement.holds(side, text):
        return places.named(text)
    own = "home" if movement.direction == Direction.OUTFLOW else "host"
    is_ours = movement.stored is None and side == own and not movement.text(side)
    return draft.organization if is_ours else movement.linked(side)
