"""Ledgers as single desks keep them, written by hand: every one of another city, style and habit. Synthetic people."""

import datetime

from tests.members.ledger.making import id_number
from tests.members.ledger.office.grid import Grid


def born(year: int, month: int, day: int, sequence: str = "991") -> str:
    return id_number(f"{year:04}-{month:02}-{day:02}", sequence)


def inflow_book() -> list[Grid]:
    """流入党员台账: a three-row head, 填写说明 below the header, coloured examples, a leader's signature at the end."""
    return [
        Grid(
            "流入党员台账",
            [
                ["××街道流入党员管理台账"],
                [
                    "填报单位（盖章）：五里社区党委",
                    None,
                    None,
                    None,
                    "填报时间：2025年6月",
                    None,
                    None,
                    "填报人：测试乙",
                ],
                [
                    "序号",
                    "姓名",
                    "性别",
                    "公民身份号码",
                    "流入情况",
                    None,
                    None,
                    "党组织关系\n所在地（具体到支部）",
                    "联系电话（本人）",
                    "党支部书记",
                    "联系电话",
                    "备注",
                ],
                [None, None, None, None, "流入时间", "流入原因", "现居住地（门牌号）", None, None, None, None, None],
                [
                    "填写说明",
                    "与身份证一致",
                    "男/女",
                    "18位",
                    "填至年月",
                    "务工经商/其他",
                    "如：幸福路1号",
                    "全称",
                    "11位手机号",
                    "填姓名",
                    "填手机",
                    "选填",
                ],
                [
                    "示例",
                    "张三",
                    "男",
                    "11010119800101001X",
                    "2020.05",
                    "务工经商",
                    "幸福路1号",
                    "某某县某某支部",
                    "13800000000",
                    "李四",
                    "13900000000",
                    None,
                ],
                [
                    1,
                    "欧阳测",
                    "女",
                    born(1981, 3, 2, "982"),
                    "2020.05",
                    "经商",
                    "测试路8号2栋",
                    "阜阳市颍上县测试镇东村党支部",
                    "13811110001",
                    "测书记",
                    "13911110001",
                    "夫妻均为党员",
                ],
                [
                    2,
                    "吐尔逊•测提",
                    "男",
                    born(1979, 12, 30, "013"),
                    "2019年10月",
                    "务工",
                    "测试路9号",
                    "新疆喀什样例乡党支部",
                    13811110002.0,
                    "测书记",
                    "13911110001",
                    None,
                ],
                [
                    3,
                    "测　晏",
                    "男",
                    born(1990, 7, 7, "015"),
                    "2021-7-1",
                    "随迁",
                    "测试路10号",
                    "样例公司党委（第三支部）",
                    "138 1111 0003",
                    "样书记",
                    "13911110002",
                    "—",
                ],
                ["党组织书记签字：", None, None, None, None, None, None, None, "日期：    年   月   日"],
            ],
            merged=[
                (0, 0, 0, 11),
                (2, 4, 2, 6),
                (2, 0, 3, 0),
                (2, 1, 3, 1),
                (2, 2, 3, 2),
                (2, 3, 3, 3),
                (2, 7, 3, 7),
                (2, 8, 3, 8),
                (2, 9, 3, 9),
                (2, 10, 3, 10),
                (2, 11, 3, 11),
            ],
        )
    ]


def roster_of_branches() -> list[Grid]:
    """外出党员花名册: a sheet per branch, titles that name it, Excel dates, a 汇总 that repeats, one sheet hidden."""
    head = [
        "编号",
        "党员姓名",
        "男/女",
        "民 族",
        "出生年月",
        "学历",
        "入党时间",
        "外出时间",
        "外出地点",
        "外出事由",
        "联系方式",
        "家属联系方式",
        "是否办理流动党员活动证",
    ]
    first = [
        [
            1,
            "高测丁",
            "男",
            "汉",
            datetime.date(1966, 5, 1),
            "初中",
            datetime.date(1990, 7, 1),
            "2015.3",
            "浙江温州",
            "打工",
            13711110001,
            "13611110001（妻）",
            "是",
        ],
        [
            2,
            "何样",
            "女",
            "回",
            datetime.date(1972, 11, 9),
            "大专",
            datetime.date(1998, 6, 20),
            "2018.10",
            "上海",
            "带孙子",
            13711110002,
            None,
            "否",
        ],
    ]
    second = [
        [
            1,
            "罗测岚",
            "男",
            "土家",
            datetime.date(1983, 2, 14),
            "研究生",
            datetime.date(2008, 12, 1),
            "2022年",
            "北京市海淀区",
            "上班",
            "13711110003",
            "无",
            "√",
        ]
    ]
    return [
        Grid("汇总", [["外出党员花名册"], head, *first, [3, *second[0][1:]]]),
        Grid(
            "五里第一党支部",
            [["五里社区第一党支部外出党员花名册"], head, *first, ["合计：2人"]],
            merged=[(0, 0, 0, 12)],
        ),
        Grid("五里第二党支部", [["五里社区第二党支部外出党员花名册"], head, *second], merged=[(0, 0, 0, 12)]),
        Grid(
            "2023旧",
            [
                head,
                [1, "旧测", "男", "汉", "1960.1", "小学", "1980.1", "2001", "广东", "打工", "13711119999", None, None],
            ],
            state="hidden",
        ),
    ]


def form(name: str, id_text: str, phone: str, top: list[list[object]] | None = None) -> Grid:
    """流动党员信息采集表: one person on one sheet, labels left of their values."""
    return Grid(
        name[-2:] if top is None else "采集表",
        [
            ["流动党员基本信息采集表"],
            ["姓名", name, "性别", "男" if int(id_text[16]) % 2 else "女", "民族", "汉族", "照片"],
            ["出生日期", f"{id_text[6:10]}年{id_text[10:12]}月", "学历", "本科", "人员类别", "正式党员", None],
            ["公民身份证号", id_text, None, None, "联系电话", phone, None],
            ["入党时间", "2005年7月1日", None, "转正时间", "2006.07.01", None, None],
            ["现居住地", "测试路12号3栋401室", None, None, "工作单位", "测试物业有限公司", None],
            ["流出地党组织", "六安市金寨县样例乡党总支", None, None, "流入时间", "2022年3月", None],
            ["备注", "愿意参加志愿服务"],
            ["党员签字：", None, None, "信息采集员：", None, "年  月  日"],
        ],
        merged=[(0, 0, 0, 6), (1, 6, 3, 6), (3, 1, 3, 3), (5, 1, 5, 3), (6, 1, 6, 3), (7, 1, 7, 6)],
    )


def forms() -> list[Grid]:
    return [form("郭测祺", born(1978, 9, 3), "13511110001"), form("林样", born(1985, 1, 20, "982"), "13511110002")]


def export_of_a_system() -> list[Grid]:
    """A list out of another system: bilingual headers with numbers, codes before words, times behind dates."""
    return [
        Grid(
            "Sheet1",
            [
                [
                    "1.序号No",
                    "2.姓名Name",
                    "3.性别Sex",
                    "4.身份证号ID Number",
                    "5.手机号1",
                    "6.手机号2",
                    "7.民族Ethnic",
                    "8.出生日期Birthday",
                    "9.入党日期Join Date",
                    "10.人员类别",
                    "11.所在党支部",
                    "12.更新时间",
                ],
                [
                    1,
                    "周测屿",
                    "1_男",
                    born(1969, 4, 5),
                    "13311110001",
                    "0551-62811111",
                    "01_汉族",
                    "1969-04-05 00:00:00",
                    "1991-07-01 00:00:00",
                    "1_正式党员",
                    "五里社区第一党支部",
                    "2025-03-01 12:30:00",
                ],
                [
                    2,
                    "司马样",
                    "2_女",
                    born(1988, 10, 10, "984"),
                    "13311110002",
                    "13311110003",
                    "03_回族",
                    "1988-10-10 00:00:00",
                    "2024-05-01 00:00:00",
                    "2_预备党员",
                    "五里社区第二党支部",
                    "2025-03-01 12:30:00",
                ],
            ],
        )
    ]


def contacts_first() -> list[Grid]:
    """A list that puts contact people before the member's own phone, and groups by 网格 with merged cells."""
    return [
        Grid(
            "台账",
            [
                ["流动党员联系服务台账（2025年第2季度）"],
                [
                    "序号",
                    "网格",
                    "包保责任人",
                    "联系电话",
                    "姓名",
                    "本人电话",
                    "身份证号码",
                    "流向",
                    "居住地址",
                    "工作单位及职务",
                    "存在困难",
                    "最近联系时间",
                ],
                [
                    1,
                    "第一网格",
                    "网格测甲",
                    "13011110001",
                    "孙测",
                    "13211110001",
                    born(1975, 8, 8),
                    "流入",
                    "测试路5号",
                    "测试公司经理",
                    "无",
                    "2025.6.1",
                ],
                [
                    2,
                    None,
                    None,
                    None,
                    "朱样丁",
                    "13211110002",
                    born(1976, 9, 9, "982"),
                    "流入",
                    "测试路6号",
                    "退休",
                    "独居，需定期探望",
                    "2025.06.15",
                ],
                [
                    3,
                    "第二网格",
                    "网格测乙",
                    "13011110002",
                    "胡测戊",
                    "13211110003/13211110004",
                    born(1977, 1, 1),
                    "流出",
                    "外地",
                    "自由职业",
                    "/",
                    "6月",
                ],
            ],
            merged=[(0, 0, 0, 11), (2, 1, 3, 1), (2, 2, 3, 2), (2, 3, 3, 3)],
        )
    ]


def pieces() -> list[Grid]:
    """Sections of one sheet with their own numbering, cells that hold name and phone, ages instead of births."""
    return [
        Grid(
            "名单",
            [
                ["杏花村街道流出党员名单"],
                [
                    "序号",
                    "姓名及电话",
                    "年龄",
                    "文化程度",
                    "入党年月",
                    "流出去向",
                    "流出年月",
                    "原党组织联系人及联系方式",
                    "备注",
                ],
                ["一、五里社区（2人）"],
                [1, "马测 13111110001", 45, "高中", "2001.6", "江苏昆山", "2016.2", "测联络，13911112222", None],
                [
                    2,
                    "沈样测（13111110002）",
                    "52岁",
                    "本科",
                    "1999.10",
                    "天津",
                    "2017.11",
                    "样联络 0558-7654321",
                    "每年春节回",
                ],
                ["二、林店社区（1人）"],
                [1, "韩测13111110003", 60, "小学", "85.6", "西藏拉萨", "2010", "无", None],
            ],
        )
    ]


DESKS = {
    "inflow_book": inflow_book,
    "roster_of_branches": roster_of_branches,
    "forms": forms,
    "export_of_a_system": export_of_a_system,
    "contacts_first": contacts_first,
    "pieces": pieces,
}
