"""Titles that say whose a column is, or how much it says: the member's own, another person's, one among several."""

import re

from .folding import fold_header


def _folded(words: str) -> frozenset[str]:
    return frozenset(map(fold_header, words.split()))


PHONE_HEADERS = _folded("联系电话 联系方式 电话 电话号码 手机 手机号 手机号码 移动电话 联系手机 联系号码")
"""Phone headers that do not say whose phone: after a column of contact people they are that person's."""

PERSONAL = frozenset(
    "name gender ethnicity birth_date age id_number id_type mobile landline current_address".split()  # noqa: SIM905
)
"""Fields of the member: under a group heading of another party or person their headers mean that other one."""

ROLES = re.compile(
    r"(?:联系人|责任人|负责人|书记|网格[员长]|楼[栋]?长|组长|干部|委员|主任|经办人|介绍人|法人|法定代表人|户主|房东|雇主|监护人|父亲?|母亲?|"
    r"配偶|爱人|妻子|丈夫|子女|儿子|女儿|家属|亲属|帮扶人员?|包保人员?|包联人员?|结对人员?|班主任|辅导员|领导|队长|站长|专员|管理员|"
    r"联络员|科长|填表人|审核人)(?:姓名|名字|签名|签字)?$"
)
"""Headers of columns of other people: a phone that follows one is that person's."""

PERSON_END = re.compile(r"(?<!本)(?<!军)(?<!党)(?<!成)(?:人|员|长|书记|干部)(?:姓名)?$(?<!人员)")
"""The end of a title nobody knows that may name a person: whose phone follows it, is asked."""

RELATION = _folded("关系 与本人关系 与党员关系 与党员本人关系 与流动党员关系 称谓")
OF_OFFICER = _folded("职务 单位职务 单位及职务 工作单位及职务 现任职务 所任职务")
"""Titles that, right after another person's column, say what that person is."""

PLAINER = _folded(
    "家庭住址 住址 地址 联系地址 家庭地址 通讯地址 常住地址 工作单位 单位名称 所在单位 工作单位名称 "
    "所在党支部 所在党组织 所属党组织 所属党支部 所在支部 党支部 所属支部 党组织 党支部名称 党组织名称 "
    "所在基层党组织 支部 支部名称 党支部全称 持证情况 是否持证 是否持有流动党员活动证 "
    "是否办理流动党员活动证 流动党员活动证 是否持有中国共产党流动党员活动证 流动党员证 岗位 原籍 是否报到 "
    "全日制学历 学历情况 职务 工作单位及职务 出生年份 生年 流出省份 去向 流动去向 流出去向 外出去向"
)
"""Titles that give way to a column of the same field whose title says more: 家庭住址 beside 现居住地."""

OWN_PHONES = _folded(
    "手机号 手机号码 本人电话 本人联系电话 本人联系方式 本人手机号 党员联系电话 本人手机 "
    "本人手机号码 联系手机号 联系手机号码 常用手机号 党员联系方式 党员电话 移动电话 联系手机 "
    "手机联系电话"
)
"""Phone headers that say it is the member's own mobile."""

CONTACT_PEOPLE = {
    "紧急联系人": "family_contact",
    "家属": "family_contact",
    "家属联系人": "family_contact",
    "家属姓名": "family_contact",
    "联系人": None,
}
"""Columns of contact people beside those of the alias table; None: whose contact is not known."""
