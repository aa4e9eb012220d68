"""Headers as offices write them, folded, by the field that they mean.

Collected from published blank forms, templates and importers (design/ledgers.md §1). A header that is not here is
listed to the clerk and never mapped by its place.
"""

import re
from functools import lru_cache

from .folding import fold, fold_header

_ALIASES = {
    "seq": "序号 编号 序列 No 项次 顺序 顺序号 行号 NO. 序",
    "name": "姓名 党员姓名 流动党员姓名 党员 姓名全称 本人姓名 流出党员姓名 流入党员姓名 名字 流动党员 "
    "姓名及电话 姓名及联系方式 姓名电话 姓名联系电话 姓名及联系电话 姓名和电话 姓名手机号",
    "community": (
        "社区 所属社区 所在社区 村社区 村居 居委会 社区名称 所属村居 所在村居 村居社区 所属村社区 村社区名称 "
        "所在村社区 管理社区 归属社区 社区居委会 所属居委会 所属社区居委会 流入社区 现居住社区 现所在社区 "
        "社区村 所属社区村"
    ),
    "gender": "性别 男女",
    "ethnicity": "民族 族别",
    "birth_date": "出生日期 出生年月 出生时间 生日 出生年月日 生年 出生 出生年份 生日日期",
    "age": "年龄 岁数 周岁",
    "id_number": (
        "身份证号 身份证号码 公民身份号码 公民身份证号 公民身份证号码 证件号码 身份证 居民身份证号 "
        "居民身份证号码 身份证件号码 证件号 身份号码 身份证编号 二代身份证号 18位身份证号"
    ),
    "id_type": "证件类型 证件种类",
    "education": "学历 文化程度 最高学历 受教育程度 教育程度 学历情况 全日制学历",
    "degree": "学位 最高学位",
    "native_place": "籍贯 原籍",
    "household_address": (
        "户籍所在地 户籍地 户口所在地 户籍地址 户籍 户籍详细地址 户口地址 "
        "户口所在地址 户籍住址 户籍所在地地址 户籍所在地详细地址"
    ),
    "current_address": (
        "现居住地 家庭住址 详细住址 现居住市县 联系地址 居住地址 现住址 现居住地址 住址 现居地 居住地 "
        "现居住详细地址 现居住地详细地址 家庭地址 地址 常住地址 现家庭住址 通讯地址 目前居住地 现住地址 "
        "居住地点 流入地址 居住详细地址 流入地居住地址 流入地详细地址"
    ),
    "mobile": (
        "手机号 手机号码 手机 联系电话 联系方式 电话 本人电话 电话号码 联系手机 本人联系方式 党员联系电话 "
        "移动电话 联系电话手机 党员联系方式 本人联系电话 本人手机号 联系号码 党员电话 手机电话 手机联系电话 "
        "本人手机号码 联系手机号 联系手机号码 联系电话号码 常用手机号 常用电话 手机联系方式 联系电话手机号"
    ),
    "landline": "固定电话 座机 家庭电话 固话 住宅电话",
    "in_group": (
        "是否加入微信群 微信群 是否入群 是否入微信群 "
        "是否在党员群 是否加入党员微信群 是否入党员群 是否加入流动党员微信群 是否进群 是否加群 是否在群"
    ),
    "member_type": "人员类别 党员类别 政治面貌 党员性质 正式预备 党员类型 党员身份 是否正式党员 正式或预备",
    "join_date": (
        "入党时间 入党日期 加入党组织日期 入党年月 何时入党 加入党组织时间 入党年月日 加入中国共产党日期 "
        "加入中共时间 入党 "
        "加入中国共产党时间 何时加入中国共产党 入党年份 加入党组织年月"
    ),
    "full_member_date": "转正时间 转正日期 转为正式党员日期 转正年月 转为正式党员时间 转正",
    "party_age": "党龄",
    "floating": "是否为流动党员 是否流动党员 是否流动 是否属于流动党员",
    "home_organization": (
        "党组织关系所在地 党员组织关系所在地 党组织关系所在支部 党组织关系 党员组织关系 组织关系所在地党组织 "
        "所在党支部 流出地党组织 流出组织名称 组织关系所在地 原党组织名称 组织关系所在党组织 流出地党支部 "
        "原所在党组织 所在党组织 组织关系所在党支部 原党组织 原所在党支部 流出党组织 流出党支部 组织关系隶属 "
        "流出地党组织名称 原组织关系所在党组织 组织关系 所属党组织 所属党支部 所在支部 党支部 所属支部 党组织 "
        "党支部名称 流出地党委 流出地组织 组织关系所在单位 流出前党组织 流出前所在党组织 原支部 党组织名称 "
        "流出地党组织全称 流出支部 组织关系所在支部 所在基层党组织 流出党组织名称 "
        "支部名称 支部 流入前党组织 流入前党组织名称 流入前所在党组织 流入前党支部 原党支部名称 原所属党组织 "
        "原所属党支部 所属党支部名称 组织关系所属党组织 关系所在党支部 党支部全称"
    ),
    "host_organization": (
        "流入地党组织 流入组织名称 进入党支部名称 流入党支部 接收党组织 纳入党支部 现参加组织生活的支部 "
        "流入地党支部 流入党组织 接收党支部 流入支部 流入地党组织名称 现所在党支部 纳入支部 编入党支部 "
        "现参加组织生活党组织 流入党组织名称 编入支部 "
        "流入现党组织名称 流入后党组织 流入后所在党支部 流入地党支部名称 流入党支部名称 现编入党支部 所编入党支部"
    ),
    "direction": "流出流入 流动方向 流向 流入流出 流动党员类型 流入或流出",
    "movement_scope": "流出范围 流动范围 省内省外 是否出省 流动类型省内省外境外",
    "started_on": (
        "流出时间 流出日期 流入时间 流入日期 外出时间 外出日期 何时外出 何时流入 开始流动时间 离开时间 "
        "流动时间 开始流动日期 流动日期 外出年月 流出年月 流入年月 流动起始时间 何时流出 流动开始时间 "
        "外出起始时间 "
        "何时外出务工 外出务工时间 外出务工日期 离乡时间 流入社区时间 流入本地时间 流入起始时间 流出起始时间 "
        "流动起止时间 外出起止时间 流出起止时间"
    ),
    "expected_end_on": (
        "预计返回 预计返回时间 预计返回日期 预计返乡时间 拟返回时间 "
        "预计返回年月 计划返回时间 拟返回日期 预计返乡日期 预计回乡时间 预计流回时间"
    ),
    "ended_on": "返回时间 流回日期 回归时间 结束流动时间 结束流动日期 返乡时间 返回日期 流回时间",
    "destination": (
        "外出地点 流向地单位 流出省份 流动去向 流入地省市县 去向 流出去向 外出去向 流入地 流出地点 流向地 "
        "外出地址 流动地点 外出务工地点 外出务工情况地点 流出目的地 务工地点 外出务工所在地 "
        "外出务工地 外出务工地址 外出所在地 务工所在地 现流动地 流动所在地 外出目的地 流入城市 流入地区 流往地 去往地"
    ),
    "destination_kind": "外出去向类别 去向类别 流向类别 外出流向类别",
    "reason": (
        "流动原因 流出原因 流入原因 外出原因 流出理由 外出事由 流动事由 流出事由 流动理由 外出理由 流入事由 流入理由"
    ),
    "occupation": (
        "工作岗位 从事职业 所从事的工作 从业状况 现从事职业 职业 现职业 从业情况 现从业状况 目前职业 就业情况 "
        "从事职业及年收入 从事工作 职务 工作单位及职务 现工作岗位 "
        "岗位 从事工作岗位 从事何种工作 从事何种职业 现从事工作 所从事职业 就业岗位"
    ),
    "former_occupation": "原职业 原职业类别",
    "employer": (
        "工作单位 现工作单位 单位名称 用人单位 现单位 就业单位 务工单位 所在单位 工作单位名称 外出工作单位 从业单位 "
        "外出务工单位 外出从业单位 外出单位 务工单位名称 从业单位名称 就业单位名称 工作单位全称 现工作单位名称"
    ),
    "former_employer": "原工作单位及职务 原单位名称 原单位 原工作单位",
    "new_employment": "新就业群体 新业态 是否新业态 新就业群体类型 新业态新就业群体",
    "certificate_number": (
        "流动证号 流动证编号 流动党员证编号 活动证号码 持证情况 是否持有中国共产党流动党员活动证 "
        "流动党员活动证 活动证编号 活动证号 流动党员活动证编号 流动党员活动证号码 是否持证 "
        "是否持有流动党员活动证 是否办理流动党员活动证 "
        "流动党员证号 流动党员证 流动党员证号码 流动党员证编码"
    ),
    "liaison_name": (
        "包保责任人 包联责任人 包保干部 包联干部 帮扶责任人 结对责任人 帮扶联系人 联系党员 联系干部 结对干部 "
        "结对人员 专属联系人 结对联系人 责任人 包联人 包保人 结对帮扶人 帮联人 党组织联系人 结对党员 联系责任人"
    ),
    "liaison_phone": (
        "专属联系人电话 结对联系人电话 包联人电话 责任人电话 专属联系人联系电话 结对人员电话 "
        "专属联系人联系方式 "
        "结对联系人手机 结对联系人联系电话 结对联系人联系方式 责任人联系电话 责任人联系方式 包联人联系电话 "
        "包联干部电话 包保责任人电话 帮扶责任人电话 联系党员电话"
    ),
    "counterpart_contact_name": (
        "流入党支部联系人 流出组织联系人 流出地联系人 流入地联系人 流出地党组织联系人 流入地党组织联系人 "
        "原党组织联系人 流出党支部联系人 原党组织联系人及联系方式 流出地党组织联系人及电话 流出党组织联系人 "
        "流入党组织联系人 对方党组织联系人"
    ),
    "counterpart_contact_phone": (
        "流入党支部联系方式 流出组织联系电话 流出地电话 流入地电话 流出地联系电话 流入地联系电话 "
        "流出地联系方式 流出地党组织联系电话 流入地党组织联系电话 原党组织联系电话 流出地党组织联系方式 "
        "流入地党组织联系方式 流出地党组织电话 流入地党组织电话 流出地联系人电话 流入地联系人电话 "
        "流出党组织联系电话 流入党组织联系电话 流出地党组织联系人电话 流出地联系人联系电话 原党组织联系方式"
    ),
    "family_contact": (
        "家属 家属联系人 家属电话 紧急联系人 家属联系电话 家属联系方式 家属姓名 紧急联系电话 紧急联系人电话 家庭联系人"
    ),
    "wechat_id": "微信号 微信 微信ID 微信号码",
    "reported_on": "报到时间 是否报到 报到日期",
    "joined_host_on": "纳入支部时间 编入支部时间 纳入时间",
    "care_tags": "关爱类别 重点关爱 困难类型 关心关爱类别",
    "last_contact_on": (
        "最近联系时间 最后联系时间 近期联系时间 联系时间 上次联系日期 最近联系日期 最近一次联系时间 "
        "上次联系时间 最近一次联系日期 最近一次联系 最后一次联系时间 最后联系日期"
    ),
    "contact_note": "联系情况 联系记录 联系方式及频次 近况 沟通情况",
    "thought_note": "思想状况 思想动态 现实表现",
    "lost_contact": (
        "是否失联党员 是否为失联党员 是否失联 失联情况 能否取得联系 "
        "是否取得联系 是否能取得联系 是否保持联系 能否联系上 是否联系上 是否失去联系"
    ),
    "lost_since": "失去联系日期 失联时间 失联日期",
    "lost_cause": "失去联系情形 失联原因",
    "graduated_on": "毕业时间 毕业日期 毕业年月 毕业离校时间 何时毕业",
    "dues_paid_until": "党费缴纳至年月 党费交至 党费缴纳情况 党费缴纳至 党费缴至 党费已缴至 党费缴纳截止时间",
    "needs": "困难诉求 存在困难 需求 需帮助解决的问题 困难需求 诉求 困难和诉求 存在困难及需求",
    "skills": (
        "特长 专业特长 可参与志愿服务 志愿意向 可提供服务 个人特长 "
        "志愿服务意向 服务意向 特长爱好 可提供服务项目 志愿服务特长"
    ),
    "remark": "备注 说明 附注 备 注 备注说明 其他说明 备考",
}

_ENGLISH = {
    "seq": "no|index|serial",
    "name": "name|full name|member name",
    "gender": "gender|sex",
    "ethnicity": "ethnicity|nationality|ethnic group",
    "birth_date": "birthday|birth date|date of birth|birthdate",
    "id_number": "id number|id card|id card number|id no|idcard",
    "mobile": "mobile|phone|phone number|mobile number|mobile phone|telephone|tel|cellphone",
    "community": "community",
    "education": "education",
    "join_date": "join date|date joined|joining date",
    "current_address": "address|current address",
    "employer": "employer|company",
    "occupation": "occupation|job",
    "remark": "remark|remarks|note|notes",
}

ALIASES: dict[str, str] = {fold_header(alias): field for field, words in _ALIASES.items() for alias in words.split()}
ALIASES |= {fold_header(alias): field for field, words in _ENGLISH.items() for alias in words.split("|")}
_OUT, _IN, _EITHER = (
    "外出情况 外出务工情况 外出信息 流出情况 流出信息",
    "流入情况 流入务工情况 流入信息",
    "流动情况 流动信息",
)
_STARTS, _REASONS = ("时间", "日期", "起始时间"), ("原因", "事由")
# what stands below a group heading: 外出情况 over 时间, 地点, 事由
for _group in f"{_OUT} {_IN} 流动情况 流动信息".split():
    ALIASES |= {_group + word: "started_on" for word in _STARTS} | {_group + word: "reason" for word in _REASONS}
    if _group in _OUT.split():
        ALIASES |= {_group + word: "destination" for word in ("地点", "去向", "目的地")}
"""{folded header: field key}."""

ASKED = frozenset(
    fold_header(word)
    for word in [
        "与党组织联系方式",
        "外出流向",
        "流动类型",
        "党籍状态",
        "党籍情况",
        "联系人",
        "联系人姓名",
        "联系人电话",
        "联系人手机",
        "联系人手机号",
        "联系人联系电话",
        "联系人联系方式",
        "联系人及电话",
        "联系人及联系电话",
        "联系人及联系方式",
        "联系人姓名及电话",
        "类别",
        "地点",
        "时间",
        "日期",
        "单位",
        "类型",
        "状态",
        "户主",
        "负责人",
        "所在网格",
        "网格",
        "去向地",
    ]
) - {fold_header("所在网格")}
"""Headers with more than one meaning: decided by the words below them, or asked."""

_BRACKETS = re.compile(r"[(\[【{<《]([^()\[\]【】{}<>《》]*)[)\]】}>》]")
_OTHER_MEANING = re.compile(
    r"组织|支部|党委|单位|联系人|家属|亲属|紧急|配偶|子女|父|母|监护|流出|流入|外出|返回|原|现|户籍|责任|结对|书记"
)
_NUMBER_BEFORE = re.compile(
    r"^(?:\(?(?:\d{1,2}|[一二三四五六七八九十]{1,3}|[A-Za-z])[)、.．:\s]+|\d{1,2}(?=[㐀-鿿])|[A-Z]\d{0,2}(?=[㐀-鿿]))"
)
_NUMBER_AFTER = re.compile(r"[\s_\-.]*\d{1,2}$")
_LATIN = re.compile(r"(?<=[㐀-鿿])\s*[A-Za-z][A-Za-z .'&/-]+$|^[A-Za-z][A-Za-z .'&/-]{2,}(?=[㐀-鿿])")


_HINT_APART = re.compile(
    r"\s+(?:省(?:[\s、/·—-]*[市州县区旗乡镇街道村])+|(?:如|例|格式|填|选填|必填|精确到|具体到).*)$", re.DOTALL
)
_OF_MEMBER = re.compile(r"^(?:流动)?(?:党员)?(?:本人|个人|党员)的?(?=[㐀-鿿]{2})")
_ORGANIZATIONS = ("home_organization", "host_organization", "current_address", "employer")


@lru_cache(maxsize=4096)
def label_of(raw: str) -> str:
    """The folded label of a header cell: as it is, or without what offices put around one that is known.

    Tried in turn: without a hint that stands apart (流出地点 省-市-区), brackets (性别（男/女）), numbers before
    it (9.入党时间) and after it (手机号1), and English beside Chinese (姓名 Name). Words in brackets that change the
    meaning (联系电话（家属）) are put in front instead. A label that stays unknown comes back whole.
    """
    label = fold_header(raw)
    if not label or label in ALIASES or label in ASKED or len(raw) > 60:
        return label
    text = fold(raw)
    inside = "".join(_BRACKETS.findall(text))
    if _OTHER_MEANING.search(inside):
        turned = fold_header(inside + _BRACKETS.sub("", text))
        plain = fold_header(_BRACKETS.sub("", text))
        if turned in ALIASES or ALIASES.get(plain) not in _ORGANIZATIONS:
            return turned if turned in ALIASES else label
    text = fold(_HINT_APART.sub("", raw))
    for pattern in (_BRACKETS, _NUMBER_BEFORE, _NUMBER_AFTER, _LATIN, _OF_MEMBER):
        text = pattern.sub("", text).strip()
        known = fold_header(text)
        if known in ALIASES or known in ASKED:
            return known
    return label


DECIDED_BY_WORDS = {
    "外出流向": ("destination_kind",),
    "流动类型": ("direction", "movement_scope"),
    "党籍状态": ("member_type", "membership_status"),
    "党籍情况": ("member_type", "membership_status"),
    "类别": ("member_type", "direction"),
    "类型": ("direction", "member_type"),
}
"""For a header with several meanings, the fixed lists that may claim it when every word below belongs to one."""

OUTFLOW_HEADERS = frozenset(
    fold_header(word)
    for word in [
        "流出时间",
        "流出日期",
        "外出时间",
        "外出日期",
        "何时外出",
        "外出年月",
        "流出年月",
        "何时流出",
        "离开时间",
        "预计返回",
        "预计返回时间",
        "外出地点",
        "外出去向",
        "外出起始时间",
        "何时外出务工",
        "外出务工时间",
        "外出务工日期",
        "离乡时间",
        "流出起始时间",
        "流出起止时间",
        "外出起止时间",
    ]
    + [group + word for group in _OUT.split() for word in _STARTS]
)
INFLOW_HEADERS = frozenset(
    fold_header(word)
    for words in [
        "流入时间 流入日期 何时流入 流入年月 流入起始时间",
        "流入社区时间 流入本地时间 流入原因 流入事由 流入理由",
    ]
    for word in words.split()
) | frozenset(group + word for group in _IN.split() for word in _STARTS)
OUTFLOW_REASONS = frozenset(
    fold_header(word) for word in ["流出原因", "外出原因", "流出理由", "外出理由", "外出事由", "流出事由"]
)
"""Headers that tell the direction of everybody below them."""
