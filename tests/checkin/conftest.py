import pytest


@pytest.fixture(autouse=True)
def _fresh_counters(fresh_counters: None) -> None:
    """For every test of forms that strangers send."""
