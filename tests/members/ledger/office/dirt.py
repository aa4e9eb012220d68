"""Messes of single cells: what a clerk types, pastes or drags instead of the truth (ledgers, section 3).

Every mess is (value of the cell, exact): `exact` says that the truth, at the precision written, can be read off
without doubt and must be; otherwise a question or a refusal is right as well, and never another value.
"""

import datetime
import random
from typing import Any

from members.ledger.fields import GROUP_FIELDS
from tests.members.ledger.office.people import GIVEN

Mess = tuple[Any, str, bool]
"""(value of the cell, what may be stored of it, whether it must be)."""

EPOCH = datetime.date(1899, 12, 30)
NUMERALS = "〇一二三四五六七八九"
INVISIBLE = ["\u200b", "\ufeff", "\xa0", "\u3000", " ", "\n"]


def wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if not tens else ("十" if tens == 1 else NUMERALS[tens] + "十")) + (NUMERALS[ones] if ones else "")


def date_mess(rng: random.Random, truth: str) -> Mess:
    day = datetime.date.fromisoformat(truth)
    y, m, d, month, short = day.year, day.month, day.day, truth[:7], day.year % 100
    exact: list[tuple[Any, str]] = [
        (day, truth), (datetime.datetime(y, m, d, 16, 30), truth), (f"{y}{m:02}{d:02}", truth),  # noqa: DTZ001
        (int(f"{y}{m:02}{d:02}"), truth), (f"{y}.{m}.{d}", truth), (f"{y}/{m:02}/{d:02}", truth),
        (f"{y}年{m}月{d}日", truth), (f"{y}-{m}-{d}", truth), (wide(f"{y}.{m:02}.{d:02}"), truth),
        (f"{y} 年 {m} 月 {d} 日", truth), (f"{y}-{m:02}-{d:02} 00:00:00", truth), (f"'{truth}", truth),
        (f"\u200b{truth}\xa0", truth), (f"{y}年{m}月", month), (f"{y}-{m:02}", month), (f"{y}.{m:02}", month),
        (int(f"{y}{m:02}"), month), (f"{y}年{m:02}月", month), (f"{y}/{m}", month),
        ("".join(NUMERALS[int(c)] for c in str(y)) + f"年{_numeral(m)}月", month), (f"{y}年", str(y)), (y, str(y)),
    ]  # fmt: skip
    doubtful: list[tuple[Any, str]] = [
        (float(f"{y}.{m:02}"), month), (float(f"{y}.{m}"), month), (float((day - EPOCH).days), truth),
        (f"{short:02}.{m}", month), (f"{short:02}.{m:02}.{d:02}", truth), (f"{short}年{m}月", month),
        (f"{d:02}/{m:02}/{y}", truth), (f"{m}/{d}/{y}", truth), (f"{y}.{m}（预备）", month), (f"{month}至今", month),
        (f"{y}.{m:02}-{y + 1}.{m:02}", month), (f"{y}年底", str(y)), ("春节后", ""), (f"约{y}年", str(y)),
        (f"{y}-{m:02}-31" if m in (2, 4, 6, 9, 11) else f"{y}.13", ""), ("记不清", ""), (f"{y}{m:02}00", month),
    ]  # fmt: skip
    must = rng.random() < 0.6
    value, expected = rng.choice(exact if must else doubtful)
    return value, expected, must


def id_mess(rng: random.Random, truth: str) -> Mess:
    exact = [
        truth.lower(), wide(truth), f" {truth}\n", f"'{truth}", f"`{truth}", f"{truth[:6]} {truth[6:14]} {truth[14:]}",
        f"\u200b{truth}\xa0", f"\t{truth}", f"{truth[:6]}-{truth[6:14]}-{truth[14:]}",
    ]  # fmt: skip
    doubtful: list[Any] = [
        truth[:17], truth + "1", f"{truth[:10]}****{truth[14:]}", "无", "暂缺", "0", "", float(truth[:17]) * 10,
        int(truth[:15] + "000"), truth[:15] + "000", f"{float(truth[:17]):.5E}", f"{truth}（已核对）",
        truth[:10] + truth[11] + truth[10] + truth[12:], f"{truth[:17]}{'0' if truth[17] != '0' else '1'}",
        f"身份证：{truth}", "同上", truth[:16] + "O" + truth[17:],
    ]  # fmt: skip
    if truth[6:8] == "19" and rng.random() < 0.1:
        return truth[:6] + truth[8:17], truth, True
    must = rng.random() < 0.6
    return rng.choice(exact if must else doubtful), truth, must


def mobile_mess(rng: random.Random, truth: str) -> Mess:
    exact = [
        float(truth), int(truth), f"{truth}.0", f"+86 {truth}", f"86-{truth}", f"0086{truth}", wide(truth),
        f"{truth[:3]}-{truth[3:7]}-{truth[7:]}", f"{truth[:3]} {truth[3:7]} {truth[7:]}", f"'{truth}",
        f"\u200b{truth}\xa0", f"{truth} 0551-62812345", f"{truth}\n13900000000", f"{truth}/13900000001",
        f"手机：{truth}",
        f"{truth}（本人）",
    ]  # fmt: skip
    doubtful = [
        f"{float(truth):.5E}", truth[:10], truth + "1", f"{truth[:3]}****{truth[7:]}", "无", "—", "/", "同上", "",
        "暂无", f"{truth}（儿子）", f"家属{truth}", "0551-62812345", f"{truth[:5]}O{truth[6:]}", f"妻子：{truth}",
    ]  # fmt: skip
    must = rng.random() < 0.65
    return rng.choice(exact if must else doubtful), truth, must


WORDS: dict[str, dict[str, list[str]]] = {
    "gender": {"男": ["男 ", "　男", "1_男", "M", "男性"], "女": ["女\u200b", "女性", "2_女", "F"]},
    "member_type": {
        "正式": ["正式党员", "中共正式党员", " 正式", "1_正式"],
        "预备": ["预备党员", "中共预备党员", "预 备"],
    },
    "ethnicity": {
        "汉族": ["汉", " 汉 族", "漢族"],
        "维吾尔族": ["维吾尔", "维族"],
        "回族": ["回"],
        "满族": ["满", "滿族"],
    },
    "education": {
        "本科": ["大学", "大学本科", "本科 "],
        "大专": ["专科", "大学专科"],
        "研究生": ["硕士研究生", "硕士"],
    },
}
NOTHING = ["无", "—", "/", "不详", "", "未知", "暂无", "-"]


def word_mess(rng: random.Random, field: str, truth: str) -> Mess:
    spellings = WORDS.get(field, {}).get(truth)
    if spellings and rng.random() < 0.8:
        return rng.choice(spellings), truth, True
    return rng.choice([*NOTHING, "甲乙", "见档案"]), truth, False


def name_mess(rng: random.Random, truth: str) -> Mess:
    spaced = "　".join(truth) if len(truth) == 2 else truth
    exact = [
        f" {truth}",
        f"{truth}\u200b",
        spaced,
        f"{truth}\n",
        f"\ufeff{truth}",
        truth.replace("·", "•"),
        truth.replace("·", "・"),
    ]
    return rng.choice(exact), truth, True


def text_mess(rng: random.Random, field: str, truth: str) -> Mess:
    if not truth:
        return rng.choice(["", "无", "/"]), "", False
    if rng.random() < 0.7:
        sign = rng.choice(INVISIBLE)
        return f"{sign}{truth}{rng.choice(INVISIBLE)}", truth, True
    return rng.choice(NOTHING if field in GROUP_FIELDS else [*NOTHING, "同上"]), truth, False


def mess(rng: random.Random, field: str, truth: str) -> Mess:
    """One mess for a cell of a field."""
    if not truth or field == "community":
        return truth or None, truth, True
    if field in ("birth_date", "join_date", "full_member_date", "started_on"):
        return date_mess(rng, truth)
    if field == "id_number":
        return id_mess(rng, truth)
    if field == "mobile":
        return mobile_mess(rng, truth)
    if field == "name":
        return name_mess(rng, truth)
    if field in ("gender", "member_type", "ethnicity", "education"):
        return word_mess(rng, field, truth)
    return text_mess(rng, field, truth)


def other_name(rng: random.Random) -> str:
    """A name that is nobody's in the ledger."""
    return "".join(rng.choice(GIVEN) for _ in range(2))
