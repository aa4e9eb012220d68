"""When two episodes of being away contradict each other. members/sql/episodes.sql says the same to the database."""

_ENDLESS = "9999-12-31"


def certainly_overlap(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two episodes (start, end: partial dates, "" for unknown or open) overlap in every reading of them.

    2020 to 2023 and from 2023 on do not: the second may have begun when the first was over.
    """
    first, second = _span(*one), _span(*other)
    return first is not None and second is not None and max(first[0], second[0]) < min(first[1], second[1])


def _span(started_on: str, ended_on: str) -> tuple[str, str] | None:
    """The days that an episode takes at least; the text order of dates is their order in time."""
    begins = started_on + "-12-31"[len(started_on) - 4 :] if started_on else _ENDLESS
    if not ended_on:
        return begins, _ENDLESS + "+"
    ends = ended_on + "-01-01"[len(ended_on) - 4 :]
    return (begins, ends) if begins < ends else None
