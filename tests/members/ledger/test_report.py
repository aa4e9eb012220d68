"""The report: its final shape, and nothing personal in it unless a right says so."""

import json

import pytest

from members.ledger.interpret import Options, interpret
from members.ledger.report import OUTCOMES, Outcome, ReportHead, build_report, mask_value
from members.ledger.workbook import LedgerRefused, Sheet, Workbook
from tests.members.ledger.making import HEADER, TODAY, person

ADDRESS = "测试路46号15栋2301室"


def report(**options: bool) -> dict[str, object]:
    rows = [
        [*HEADER, "现居住地"],
        [*person(1, 备注="原号 13900001234"), ADDRESS],
        [*person(2, 身份证号码="340103197001019914"), ""],
    ]
    rows += [["合计", "2人"], [*person(3), ""]]
    interpretation = interpret(Workbook("xlsx", [Sheet("台账", rows)]), Options(today=TODAY))
    outcomes = {("台账", 5): Outcome("unchanged", "m-3")}
    return build_report(ReportHead("a.xlsx", "previewed"), interpretation, outcomes, **options)


def test_report_has_its_final_shape() -> None:
    found = report()
    assert list(found) == ["file", "status", "refusal", "batch", "sheets", "counts", "rows"]
    assert found["sheets"] == [{"name": "台账", "rows": 3, "used": True, "reason": None}]
    assert found["counts"] == dict.fromkeys(OUTCOMES, 0) | {"new": 1, "error": 1, "skipped": 1, "unchanged": 1}
    rows = found["rows"]
    assert isinstance(rows, list)
    assert [(row["row"], row["outcome"], row["member"]) for row in rows] == [
        (2, "new", None),
        (3, "error", None),
        (4, "skipped", None),
        (5, "unchanged", "m-3"),
    ]
    assert list(rows[0]) == ["sheet", "row", "outcome", "member", "cells", "problems"]
    assert list(rows[0]["cells"]["name"]) == ["column", "raw", "value", "severity", "rule"]
    assert list(rows[1]["problems"][0]) == ["field", "code", "severity", "message"]
    json.dumps(found)


def test_report_is_masked() -> None:
    text = json.dumps(report(), ensure_ascii=False)
    for secret in (person(1)[5], person(1)[6], "340103197001019914", "13900001234", "46号15栋"):
        assert str(secret) not in text
    whole = json.dumps(report(unmasked=True), ensure_ascii=False)
    assert person(1)[5] in whole
    assert ADDRESS in whole


def test_messages_repeat_no_cell() -> None:
    rows = report(unmasked=True)["rows"]
    assert isinstance(rows, list)
    assert not any(
        char.isdigit() for row in rows for problem in row["problems"] for char in problem["message"].replace("18", "")
    )


def test_mask_hides_what_is_written_differently() -> None:
    assert mask_value("id_number", "3401 0319 7001 0199 14") == "340***********9914"
    assert mask_value("mobile", "１３８００００１２３４") is not None
    assert "００００" not in (mask_value("mobile", "１３８００００１２３４") or "")
    assert mask_value("mobile", "138-0000-1234") == "138****1234"
    assert mask_value("id_number", "身份证丢失") == "身****"
    assert mask_value("family_contact", "测乙13800001234") == "测乙138****1234"
    assert mask_value("gender", "男") == "男"
    assert mask_value("mobile", None) is None


@pytest.mark.parametrize("text", ["1995-6-1", "1995-06", "1995-10-1", "19950601", "1995-12-31 08"])
def test_dates_are_no_numbers_of_a_person(text: str) -> None:
    assert mask_value("join_date", text) == text


@pytest.mark.parametrize("text", ["1995-6123", "2011-1-234", "1995-13-1", "0551-6281234"])
def test_numbers_that_look_like_dates_are_masked(text: str) -> None:
    assert mask_value("remark", text) != text


def test_refusal_is_reported() -> None:
    found = build_report(ReportHead("a.xlsx", "refused", refusal=LedgerRefused("password")), None)
    assert found["refusal"] == {"code": "password", "message": LedgerRefused("password").message}
    assert found["rows"] == []
