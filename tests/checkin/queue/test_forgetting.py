"""What was typed into a report-in that was closed without a file goes after thirty days; that it was closed stays."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from checkin import services
from checkin.models import ReportIn, SignedForm
from checkin.queue import photos
from tests.checkin.queue.test_decisions import CLERK, QUEUE, sent

__all__ = ["sent"]  # the fixture
pytestmark = pytest.mark.django_db(transaction=True)
SEALED = ("name_sealed", "name_digest", "mobile_sealed", "mobile_digest", "details_sealed", "details_digest")
HELD = f"select count(*) from {{table}} where num_nonnulls({', '.join(SEALED)}) > 0 and {{key}} = %s"
CLOSE: dict[str, Callable] = {
    "mistaken": services.close_mistaken, "duplicate": services.mark_duplicate, "returned": services.return_report_in,
    "confirmed": partial(services.confirm_report_in, proof="national_system"),
}  # fmt: skip
ALMOST, OVER = dt.timedelta(days=30, minutes=-1), dt.timedelta(days=30, minutes=1)


@pytest.fixture
def closed(acting: Callable, sent: Callable, owner: Any) -> Callable[..., ReportIn]:  # noqa: F811
    """closed("mistaken", age): a report-in that was closed so long ago."""

    def close(state: str, age: dt.timedelta) -> ReportIn:
        with acting(CLERK) as by:
            row = sent(home="样例县样例村党支部")
            CLOSE[state](report_in=row, by=by)
        owner.execute("update checkin_reportin set decided_at = now() - %s where id = %s", [age, row.pk])
        return row

    return close


def _forget() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select portal.forget_report_ins()")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("state", "age", "goes"),
    [("mistaken", OVER, True), ("duplicate", OVER, True), ("mistaken", ALMOST, False), ("returned", OVER, False),
     ("confirmed", OVER, False)],
)  # fmt: skip
def test_what_was_typed_goes_with_its_history(
    state: str, age: dt.timedelta, goes: bool, closed: Callable, owner: Any
) -> None:
    row = closed(state, age)
    assert [_forget(), _forget()] == [int(goes), 0]
    held = [
        owner.execute(HELD.format(table=table, key=key), [row.pk]).fetchone()[0] > 0
        for table, key in (("checkin_reportin", "id"), ("checkin_reportinevent", "pgh_obj_id"))
    ]
    assert held == [not goes, not goes]
    keys = owner.execute("select length(data_key) > 0 from checkin_reportinevent where pgh_obj_id = %s", [row.pk])
    assert {has_key for (has_key,) in keys} == {not goes}
    assert owner.execute("select state from checkin_reportin where id = %s", [row.pk]).fetchone() == (state,)


def test_pages_say_that_it_goes_and_that_it_is_gone(closed: Callable, login: Callable, acting: Callable) -> None:
    client, others = login(CLERK), [closed("mistaken", OVER) for _ in range(2)]
    page = f"{QUEUE}{others[0].pk}/change/"
    before = client.get(page).content.decode()
    assert "赵不同" in before
    assert "30 天后" in before
    assert str(others[1].pk) in before  # the same number
    assert _forget() == 2
    after = client.get(page).content.decode()
    assert "赵不同" not in after + client.get(QUEUE).content.decode()
    assert "已删除" in after
    assert str(others[1].pk) not in after  # nothing tells any more that it was the same number


def test_photograph_of_the_signed_form_goes_too(closed: Callable, acting: Callable) -> None:
    row = closed("mistaken", OVER)
    with acting(CLERK) as by:
        picture = SignedForm(report_in=row, added_by_id=by.user_id)
        picture.content = photos.seal(picture, b"photo")
        SignedForm.objects.bulk_create([picture])
        assert SignedForm.objects.filter(report_in=row).exists()
        _forget()
        assert not SignedForm.objects.filter(report_in=row).exists()
