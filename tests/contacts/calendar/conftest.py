"""Offices that rest on days off, as every office does unless it decides otherwise."""

from typing import Any

import pytest


@pytest.fixture
def days_off(owner: Any) -> None:
    """Take away the world's rule that its cities send on every day."""
    owner.execute("delete from contacts_daterule where kind = 'workdays'")
