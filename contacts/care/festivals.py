"""Days of the festivals on which members are visited. Lunar ones by lunar-python, loaded when it is needed."""

import datetime as dt
from functools import lru_cache

from django.db import models
from django.utils.translation import gettext_lazy as _


class Festival(models.TextChoices):
    NEW_YEAR = "new_year", _("New Year's Day")
    SPRING = "spring", _("Spring Festival")
    PARTY_DAY = "party_day", _("First of July")
    ARMY_DAY = "army_day", _("First of August")
    MID_AUTUMN = "mid_autumn", _("Mid-Autumn Festival")
    NATIONAL = "national", _("National Day")
    DOUBLE_NINTH = "double_ninth", _("Double Ninth Festival")


SOLAR = {Festival.NEW_YEAR: (1, 1), Festival.PARTY_DAY: (7, 1), Festival.ARMY_DAY: (8, 1), Festival.NATIONAL: (10, 1)}
LUNAR = {Festival.SPRING: (1, 1), Festival.MID_AUTUMN: (8, 15), Festival.DOUBLE_NINTH: (9, 9)}


def festival_day(festival: str, year: int) -> dt.date:
    """The day of a festival in a year; of a lunar one the day in the lunar year that begins in it."""
    if festival in SOLAR:
        return dt.date(year, *SOLAR[Festival(festival)])
    return lunar_day(year, *LUNAR[Festival(festival)])


@lru_cache(256)  # a year of the sky takes milliseconds
def lunar_day(year: int, month: int, day: int) -> dt.date:
    """The day of a lunar date; the 30th of a month that has 29 days is its last."""
    from lunar_python import Lunar, LunarMonth

    days = LunarMonth.fromYm(year, month).getDayCount()
    solar = Lunar.fromYmd(year, month, min(day, days)).getSolar()
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay())


def next_festival(today: dt.date) -> tuple[str, int]:
    """The festival that comes next, today's included, and its year."""
    ahead = [(festival_day(one, year), one.value, year) for one in Festival for year in (today.year, today.year + 1)]
    _day, festival, year = min(found for found in ahead if found[0] >= today)
    return festival, year
