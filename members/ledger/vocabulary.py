"""Words that ledgers use for fixed choices, folded to the one word that is stored."""

NULL_WORDS = frozenset(
    {
        "无",
        "没有",
        "暂无",
        "暂缺",
        "不详",
        "未知",
        "不明",
        "不清楚",
        "未填",
        "空",
        "缺",
        "待补",
        "待补充",
        "待核实",
        "待定",
        "未提供",
    }
    | {
        "/",
        "//",
        "\\",
        "|",
        "-",
        "--",
        "---",
        "—",
        "——",
        "–",
        "－",
        "_",
        "*",
        "?",
        "？",
        "n/a",
        "na",
        "#n/a",
        "null",
        "none",
    }
    | {"nan", "nil", "无.", "无。", ".", "。", "、", "…", "……", "x", "×", "(无)", "略"}
)
"""Cells that mean "nothing here" (the official rule for filling forms asks for 无 or — in blanks)."""

DITTO_WORDS = frozenset(
    {"同上", "(同上)", "同上。", "-同上-", "--同上--", "—同上", "—同上—", "同前", "上同", "..", "``"}
    | {"〃", "—〃—", "″", '"', '""', "”", "''", "’’", "〞"}
)

_HAN = [
    "汉",
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
]


def _table(**groups: str) -> dict[str, str]:
    """{every spelling: stored word}; the stored word is a spelling of itself."""
    table: dict[str, str] = {}
    for stored, spellings in groups.items():
        for spelling in [stored, *spellings.split()]:
            table[spelling] = stored
    return table


GENDERS = _table(男="男性 男士 m male 1男 1", 女="女性 女士 f female 2女 2")

ETHNICITIES = {name: f"{name}族" for name in _HAN} | {f"{name}族": f"{name}族" for name in _HAN}
ETHNICITIES |= {
    "其他": "其他",
    "穿青人": "其他",
    "外国血统": "其他",
    "维族": "维吾尔族",
    "哈族": "哈萨克族",
    "柯族": "柯尔克孜族",
}

MEMBER_TYPES = _table(
    正式="正式党员 中共正式党员 中共党员(正式) 中共党员正式 党员(正式) 正式中共党员 1正式 已转正",
    预备="预备党员 中共预备党员 中共党员(预备) 预备期 党员(预备) 候补党员 预备中共党员 2预备 未转正",
)

# What the offices' own forms call what is stored as a key or a shorter word: to write it needs no correction.
OFFICIAL_WORDS = frozenset({"正式党员", "预备党员", "流出", "流入"})

DIRECTIONS = _table(
    outflow="流出 外流 流出党员 外出 流出型 流出流动党员 流出地", inflow="流入 流入党员 外来 流入型 流入流动党员 流入地"
)

SCOPES = _table(
    跨省="省外 跨省流动 省际 出省 跨省(区、市) 跨省市",
    省内跨市="省内 省内流动 跨市 省内跨市流动 省内跨市(地) 省内市外",
    市内="市内流动 市域内 本市 市内跨县 市内跨区 县内 区内",
    境外="国外 境外流动 出境 出国 国(境)外 港澳台",
)

EDUCATIONS = _table(
    小学="小学毕业 初小 高小",
    初中="初中毕业 初级中学",
    高中="高中毕业 普通高中",
    中专="中技 职高 中职 技校 中等专科 中专毕业 中师 中等职业",
    大专="专科 大学专科 大专毕业 大专学历 高职 高职高专 专科学历",
    本科="大学 大学本科 学士 本科毕业 大学毕业 本科学历 全日制本科",
    研究生="硕士 硕士研究生 研究生毕业 硕士学位 在职研究生",
    博士="博士研究生 博士学位 博士后",
    文盲="半文盲 文盲半文盲 不识字",
)

REASONS = _table(
    务工经商="务工 打工 经商 外出务工 外出经商 务工、经商 务工/经商 外出打工 做生意 外出务工经商 劳务 自主创业 创业",
    就业="工作 工作调动 外地工作 参加工作 上班 异地就业 在外工作 毕业就业",
    学习="求学 上学 读书 升学 进修 在外学习 就读 留学",
    随迁="照顾家人 随子女居住 带孙子 带孙女 照顾子女 随迁(照顾家人) 投靠子女 随子女 照看孙子 照顾孙辈 探亲 随军",
    居住地变更="居住地变化 搬迁 搬家 居住地改变 购房 居住 迁居",
    退休异地居住="退休 异地居住 异地养老 养老 离退休 退休居住",
    其他="其它",
)

NEW_EMPLOYMENT = _table(
    快递员="快递 快递小哥",
    网约配送员="外卖员 外卖 外卖骑手 骑手 外卖小哥 配送员",
    网约车司机="网约车 滴滴司机",
    货车司机="货运司机 卡车司机",
    网络主播="主播",
    否="不是 无",
)

STATUSES = _table(正常="正常党籍", 停止="停止党籍 停止")

DESTINATION_KINDS = _table(
    公有经济="公有制 公有经济单位 国有企业 机关 事业单位 公有制单位",
    非公="非公有经济 非公企业 非公有制 非公经济 私营企业 非公有制单位",
    个体工商户="个体 个体户",
    城市社区="社区",
    乡镇社区="",
    建制村="村 行政村",
    其他="其它",
)

ID_TYPES = _table(
    居民身份证="身份证 二代身份证 二代居民身份证 中华人民共和国居民身份证",
    护照="普通护照 因私护照",
    港澳居民来往内地通行证="回乡证 港澳通行证",
    台湾居民来往大陆通行证="台胞证",
    港澳台居民居住证="港澳台居住证",
    其他="其它 其他证件",
)

FORMER_OCCUPATIONS = _table(
    公有经济管理和专业技术人员="",
    工勤技能人员="工勤人员",
    农牧渔民="农民 牧民 渔民",
    未就业毕业生="未就业高校毕业生 未就业大学生",
    中介组织从业人员="",
    执业律师="律师",
    会计师="注册会计师",
    其他="其它",
)

LOST_CAUSES = _table(
    外出务工经商="1 ① 务工 务工经商",
    单位改制或破产="2 ②",
    毕业后去向不明="3 ③",
    工作单位改变="4 ④",
    出国境="5 ⑤ 出国 出境 出国(境)",
    居住地改变="6 ⑥",
    其他="7 ⑦ 其它",
)

YES_NO = _table(是="√ ✓ ✔ 有 y yes 1 已 能 对 true", 否="× ✗ 无 n no 0 未 不能 没有 false 不是")

CHOICES = {
    "gender": GENDERS,
    "ethnicity": ETHNICITIES,
    "member_type": MEMBER_TYPES,
    "direction": DIRECTIONS,
    "movement_scope": SCOPES,
    "education": EDUCATIONS,
    "reason": REASONS,
    "new_employment": NEW_EMPLOYMENT,
    "membership_status": STATUSES,
    "destination_kind": DESTINATION_KINDS,
    "id_type": ID_TYPES,
    "former_occupation": FORMER_OCCUPATIONS,
    "lost_cause": LOST_CAUSES,
    "in_group": YES_NO,
    "lost_contact": YES_NO,
    "floating": YES_NO,
}
"""Fixed choices by field key."""

OPEN_CHOICES = frozenset({"reason", "former_occupation", "lost_cause"})
"""Fields whose unknown words are kept as typed: the office's own words say more than 其他."""
