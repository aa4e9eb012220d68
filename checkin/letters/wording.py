"""The wording of 《致流入党员的一封信》: the fields that are filled in for every point, and the letter that ships.

Pure. In Chinese as it is printed: the letter is given to people by a Chinese office and not translated with the
screens. It names no leader, quotes nothing and carries no dated slogan, and promises only what the portal does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

TITLE = "致流入党员的一封信"
CODE_FIELD = "报到码"
# What may be written between braces, and what stands there in the sample that a new version has to fit on a page with.
SAMPLE = {
    "街道": "杏花村街道街道街道",
    "社区": "汲桥新村社区社区社区",
    "报到点": "汲桥新村社区党群服务中心一楼报到点",
    "地址": "样例省样例市样例区样例大道与样例路交口东北角样例大厦一楼服务大厅",
    "开放时间": "周一至周五 8:30—12:00、14:00—17:30",
    "联系人": "欧阳样例",
    "电话": "0551-00000000 转 0000",
}
FIELDS = (*SAMPLE, CODE_FIELD)
_FIELD = re.compile(r"[{｛]\s*([^{}｛｝\s]*)\s*[}｝]")
_BRACES = re.compile(r"[{}｛｝]")

BODY = """\
尊敬的党员同志：
　　您好！欢迎您来到{街道}工作和生活。
　　您的组织关系在哪里都不要紧：在这里，同样有组织可以找，有人与您联系。请您就近到{报到点}报到。报到以后，我们会为您安排一位联系人，\
邀请您就近参加组织生活和学习活动；您在工作、生活中遇到困难，也可以随时告诉我们。
　　报到很简单：用微信扫一扫下面的报到码，填写姓名和手机号码，按“提交”，社区工作人员会与您联系。不用注册，也不用下载软件。\
不方便扫码的，请直接到报到点来，或者打电话，由工作人员为您登记。
{报到码}
报到点：{报到点}
地址：{地址}
开放时间：{开放时间}
联系人：{联系人}
电话：{电话}
　　报到不改变您的组织关系。您填写的信息只用于与您联系、为您服务，不对外公开。
　　祝您工作顺利、生活愉快！"""


@dataclass(frozen=True)
class Wording:
    """One version of the letter. ``edition`` stands at the foot of its print-outs: 杏花村街道第2版（2026年…）."""

    title: str
    body: str
    edition: str


# Told apart from the street's own versions; a change of TITLE or BODY counts it on.
SHIPPED = Wording(TITLE, BODY, "通用版（第1版）")


def unknown_fields(text: str) -> list[str]:
    """What stands between braces and is no field, in order; a brace without its other half is one, too."""
    named = [name for name in _FIELD.findall(text) if name not in FIELDS]
    return named + _BRACES.findall(_FIELD.sub("", text))


def codes_in(body: str) -> tuple[int, int]:
    """(lines that are the code's field alone, all places that name it)."""
    alone = sum(_is_code(line) for line in body.splitlines())
    return alone, _FIELD.findall(body).count(CODE_FIELD)


def _is_code(line: str) -> bool:
    found = _FIELD.fullmatch(line.strip())
    return found is not None and found[1] == CODE_FIELD


def filled(body: str, values: Mapping[str, str]) -> list[str | None]:
    """The letter's lines with the values in them; None stands for the code.

    A line whose fields are all empty is left out, so that a point without opening hours shows no bare label.
    """
    lines: list[str | None] = []
    for line in body.splitlines():
        if _is_code(line):
            lines.append(None)
            continue
        names = [name for name in _FIELD.findall(line) if name in values]
        if names and not any(values[name] for name in names):
            continue
        lines.append(_FIELD.sub(lambda found: values.get(found[1], found[0]), line).rstrip())
    return lines
