"""Which rows below a header are people, and why the others are not."""

import datetime
import re

from .aliases import ALIASES, label_of
from .cell import Context, raw_text
from .cells import clean_name, empty
from .fields import GROUP_FIELDS
from .folding import compact
from .headers import Header
from .workbook import Sheet, Value

_TOTAL = re.compile(
    r"(?:本页|本表|全街道|街道|社区|本|全部)?(?:合计|小计|总计|共计|累计|总数|汇总)(?:人数)?[::]?(?:共?\d*[人名个]?)?"
)
_COUNT = re.compile(r"共(?:计)?\d+[人名个].*")
_NOTE = re.compile(
    r"(?:备?注|说明|填表说明|填报说明|填写说明|注意事项|温馨提示|提示|要求|填表要求|备注说明)(?:\d*[::.、].*|\d*)?|"
    r"(?:\d+|[一二三四五六七八九十]+)[.、．)](?!\d).{6,}|[※★*].{4,}|红色.*必填.*|.*为必填.*"
)
_SIGNATURE = re.compile(
    r"(?:填表人|填报人|制表人|审核人|审批人|经办人|负责人|统计人|报送人|联系人|单位负责人|分管领导|主要负责人|党组织书记|书记|"
    r"填报单位|填表单位|报送单位|单位|联系电话|填报日期|填报时间|填表日期|填表时间|报送日期|日期|制表日期|制表时间|打印时间|打印日期|"
    r"生成时间|导出时间|统计时间|截止时间|截至时间)(?:\(?(?:签字|盖章|签名|公章|签章)\)?)?[::].*"
)
_SIGNER = re.compile(r"(?:填表人|填报人|制表人|审核人|审批人|经办人|负责人|统计人|报送人|联系人|书记)[::]?")
_STAMP = re.compile(r"(?:第?\d+页.*|共\d+页.*|\(?(?:盖章|公章|签字)\)?|\d{4}年\d{1,2}月\d{1,2}日)")
_SAMPLE_MARK = re.compile(r"(?:\(?(?:例|示例|样例|范例|举例|填写示例|样表|填写样例|例子|例如)\)?(?:\d*|[::].*))")
_SAMPLE_NAME = re.compile(r".+\((?:填写)?(?:例|示例|样例|范例|举例|模板)\)")
_SAMPLE_REMARK = re.compile(
    r"(?:[此本该这]一?行(?:为|是|系)?)?(?:填写|填表)?(?:示例|样例|范例|例子)(?:行|数据)?(?:[,、;。]?.{0,8}(?:删|勿|不要|仅供|参考).{0,8})?"
)
_INSTRUCTION = re.compile(
    r"填|^(?:如|例)[:,]?|例如|格式|选择|一致|全称|\d+位|下拉|请|须|按照?|注明|精确到|男/女|是/否|文本|必|同身份证|汉字|数字"
)
_DATA = re.compile(r"1[3-9]\d{9}|\d{15}")
_FILL_MARK = re.compile(r"必填|选填|非必填|文本|文本格式|下拉选择|下拉|自动生成|不填|格式.*|yyyy.*")
_PLACE = re.compile(r"^.{2,25}(?:社区|居委会|村|支部|党委|总支|街道)(?:\(.*\))?[::]?(?:共?\d+[人名])?$")
_IN_BRACKETS = re.compile(r"[(\[【].{1,12}[)\]】]")
_CHINESE_NUMBER = re.compile(r"\(?[一二三四五六七八九十]{1,3}\)?[、.]?")
_NUMBERING = re.compile(r"\(?(?:\d{1,3}|[甲乙丙丁戊己庚辛壬癸A-Z])\)?")


ANOTHER_HEADER = "another_header"


_NO_CONTEXT = Context(datetime.date(2000, 1, 1))  # a name needs none


class RowSorter:
    """Tells people from everything else below one header. `reason` gives None for a person's row."""

    def __init__(self, sheet: Sheet, header: Header):
        self.header = header
        self.labels = [labels for labels in header.labels if sum(map(bool, labels)) >= 2]
        self.titles = {compact(title) for title in header.titles}
        self.name = header.of("name")
        self.seq = header.of("seq")
        self.id_number = header.of("id_number")
        self.remark = header.of("remark")
        self.groups = {column.index for column in header.columns if column.field in GROUP_FIELDS}
        self.wide = _wide_merges(sheet, len(header.columns))

    def reason(self, row: list[Value], number: int) -> str | None:
        """Why a row (with its 1-based number) is no person's: a key of `messages.skip_text`, or None."""
        name = row[self.name] if self.name is not None and self.name < len(row) else None
        if type(name) is str and 2 <= len(name) <= 4 and self._plain_person(row, name):
            return None
        filled = [(index, value) for index, value in enumerate(row) if not empty(value)]
        if not filled:
            return "blank"
        texts = [compact(raw_text(value) or "") for _, value in filled]
        if self._repeats_header(row, texts):
            return "repeated_header"
        if _another_header(texts):
            return ANOTHER_HEADER
        if self._has_identity(row):
            return "sample" if self._is_sample(row, name, texts) else None
        return self._by_words(filled, texts, name, number)

    def _plain_person(self, row: list[Value], name: str) -> bool:
        """The cheap common case: a Chinese name of ordinary length beside a text of 18 characters that is no label."""
        if self.id_number is None or self.id_number >= len(row):
            return False
        id_text = row[self.id_number]
        marked = (
            self.seq is not None
            and self.seq < len(row)
            and type(row[self.seq]) is str
            and not str(row[self.seq]).isdecimal()
        )
        remark = row[self.remark] if self.remark is not None and self.remark < len(row) else None
        marked = marked or "例" in name or (type(remark) is str and "例" in remark)
        return type(id_text) is str and len(id_text) == 18 and id_text[:17].isdecimal() and not marked

    def _repeats_header(self, row: list[Value], texts: list[str]) -> bool:
        if len(texts) == 1:
            return texts[0] in self.titles
        labels = [label_of(raw_text(value) or "") for value in row]
        for header in self.labels:
            same = sum(1 for mine, theirs in zip(labels, header, strict=False) if mine and mine == theirs)
            if same >= 2 and same * 5 >= len(texts) * 4:
                return True
        return all(text in self.titles for text in texts)

    def _has_identity(self, row: list[Value]) -> bool:
        if self.id_number is None or self.id_number >= len(row):
            return False
        value = row[self.id_number]
        if empty(value):
            return False
        return len(re.sub(r"\D", "", raw_text(value) or "")) >= 14 or parse_shape(value)

    def _is_sample(self, row: list[Value], name: Value, texts: list[str]) -> bool:
        if any(_SAMPLE_REMARK.fullmatch(text) for text in texts):
            return True
        seq = compact(raw_text(row[self.seq]) or "") if self.seq is not None and self.seq < len(row) else ""
        named = compact(raw_text(name) or "")
        return bool(_SAMPLE_MARK.fullmatch(seq) or _SAMPLE_MARK.fullmatch(named) or _SAMPLE_NAME.fullmatch(named))

    def _by_words(self, filled: list[tuple[int, Value]], texts: list[str], name: Value, number: int) -> str | None:
        named = not empty(name)
        folded_name = compact(raw_text(name) or "")
        leading = texts[:2]
        if any(_TOTAL.fullmatch(text) for text in leading) or (named and _COUNT.fullmatch(folded_name)):
            return "total"
        if any(_SAMPLE_MARK.fullmatch(text) for text in leading) or self._is_sample([], name, texts):
            return "sample"
        beside_others = named and len(texts) > 1 and not _SIGNATURE.fullmatch(texts[0])
        if len(texts) > 1 and _SIGNER.fullmatch(texts[0]) and compact(raw_text(name) or "") != texts[0]:
            return "note"
        if beside_others and _instructs(texts):
            return "note"
        if beside_others and clean_name("", name, _NO_CONTEXT).value is not None:
            return None
        if named and _FILL_MARK.fullmatch(folded_name):
            return "note"
        if all(_NUMBERING.fullmatch(text) for text in texts) and (named or len(texts) > 3) and len(texts) > 1:
            return "note"
        if len(texts) == 1 and _PLACE.search(texts[0]):
            return "section"
        if len(texts) == 2 and _CHINESE_NUMBER.fullmatch(texts[0]) and _PLACE.search(texts[1]):
            return "section"
        if not named or len(texts) == 1:
            if number in self.wide or all(_words_of_form(text) for text in texts) or _NOTE.fullmatch(texts[0]):
                return "note"
            if any(_SIGNATURE.fullmatch(text) for text in texts):
                return "note"
            places = {index for index, _ in filled}
            if self.seq is not None and places <= self.groups | {self.seq}:
                return "numbered_empty"
            if len(texts) == 1 and clean_name("", filled[0][1], _NO_CONTEXT).value is None:
                return "note"
            if len(texts) == 1 and (not named or number in self.wide):
                return "note" if len(texts[0]) > 6 else "section"
            return None if not places <= self.groups else "numbered_empty"
        if _SIGNATURE.fullmatch(folded_name) or _NOTE.fullmatch(texts[0]):
            return "note"
        return None


def _another_header(texts: list[str]) -> bool:
    """Whether a row is the header of a further table with other columns below the first."""
    known = {ALIASES.get(label_of(text)) for text in texts} - {None}
    return "name" in known and len(known) >= 3


def _instructs(texts: list[str]) -> bool:
    """Whether a row tells how to fill in the columns (与身份证一致, 18位, 如：幸福路1号)."""
    told = sum(1 for text in texts if _INSTRUCTION.search(text))
    return told >= 2 and told * 5 >= len(texts) * 2 and not any(_DATA.search(text) for text in texts)


def _words_of_form(text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in (_NOTE, _SIGNATURE, _STAMP, _COUNT, _TOTAL, _IN_BRACKETS))


def parse_shape(value: Value) -> bool:
    """Whether a cell of the ID column speaks of an ID number at all, if only a wrong one."""
    return isinstance(value, float) and value > 1e10


def _wide_merges(sheet: Sheet, columns: int) -> set[int]:
    """Numbers of the rows with one merged cell over half of the columns or more."""
    return {top for top, left, _, right in sheet.merged if (right - left + 1) * 2 >= columns and columns > 2}
