"""Synthetic people, by field key, and the headers that offices write over each field."""

import datetime
import random

from members.ledger.identity import check_character

Person = dict[str, str]

SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林郑欧阳司马上官"
GIVEN = "测试样例甲乙丙丁戊昀岚澄屿禾霖苒晏楠桐祺羲蔚璞"
ETHNIC_NAMES = ["买买提·测例", "古丽·样甲", "阿卜杜拉·测乙·样丙"]
RARE_NAMES = ["王𠮷甲", "镕䶮", "㛃测"]
COMMUNITIES = ["五里社区", "林店社区", "金都社区", "灵璧路社区", "汲桥新村社区", "松竹社区"]
ETHNICITIES = ["汉族", "汉族", "汉族", "回族", "维吾尔族", "满族", "土家族"]
BRANCHES = [
    "阜阳市颍上县测试镇东村党支部",
    "六安市金寨县样例乡党总支",
    "信阳市固始县测试社区第二党支部",
    "测试集团有限公司机关第3党支部",
    "样例大学（南区）离退休党委",
]
PLACES = ["浙江省杭州市余杭区", "江苏苏州", "上海市浦东新区", "广东深圳", "安徽省合肥市蜀山区", "北京"]
REASONS = ["务工经商", "就业", "学习", "随迁", "居住地变更", "退休异地居住"]
EDUCATIONS = ["小学", "初中", "高中", "中专", "大专", "本科", "研究生", "博士"]
JOBS = ["保安", "个体经营", "快递员", "退休", "软件工程师", "自由职业"]
EMPLOYERS = ["测试物业有限公司", "样例科技（安徽）股份公司", "无固定单位", "测试路菜市场12号摊"]
REMARKS = ["", "", "", "材料待补", "长期在外，春节返乡", "2023年已转组织关系", "见附件2"]
AREAS = ["340103", "110101", "652925", "510202", "310115", "542522"]


def people(rng: random.Random, count: int) -> list[Person]:
    """People with every field; ID numbers and phones differ, names may repeat."""
    return [_person(rng, number) for number in range(count)]


def _person(rng: random.Random, number: int) -> Person:
    born = datetime.date(rng.randint(1940, 2001), rng.randint(1, 12), rng.randint(1, 28))
    joined = datetime.date(min(born.year + rng.randint(19, 40), 2023), rng.randint(1, 12), rng.randint(1, 28))
    full = joined.replace(year=joined.year + 1)
    started = datetime.date(rng.randint(2010, 2025), rng.randint(1, 12), rng.randint(1, 28))
    first = f"{rng.choice(AREAS)}{born:%Y%m%d}{111 + number * 7 % 889:03}"
    if first.endswith("00"):
        first = first[:-1] + "7"  # a number that ends in 000 is asked about
    is_full = rng.random() < 0.9
    return {
        "name": _name(rng),
        "gender": "男" if int(first[16]) % 2 else "女",
        "ethnicity": rng.choice(ETHNICITIES),
        "birth_date": born.isoformat(),
        "id_number": first + check_character(first),
        "mobile": f"1{rng.choice('3456789')}{rng.randint(0, 9)}{number:04}{rng.randint(0, 9999):04}",
        "community": rng.choice(COMMUNITIES),
        "join_date": joined.isoformat(),
        "full_member_date": full.isoformat() if is_full else "",
        "member_type": "正式" if is_full else "预备",
        "education": rng.choice(EDUCATIONS),
        "home_organization": rng.choice(BRANCHES),
        "host_organization": rng.choice(BRANCHES),
        "started_on": started.isoformat(),
        "reason": rng.choice(REASONS),
        "occupation": rng.choice(JOBS),
        "employer": rng.choice(EMPLOYERS),
        "current_address": f"测试路{rng.randint(1, 400)}号{rng.randint(1, 30)}栋{rng.randint(101, 3000)}室",
        "destination": rng.choice(PLACES),
        "counterpart_contact_name": _name(rng),
        "counterpart_contact_phone": f"139{rng.randint(0, 99_999_999):08}",
        "remark": rng.choice(REMARKS),
    }


def _name(rng: random.Random) -> str:
    if rng.random() < 0.06:
        return rng.choice(ETHNIC_NAMES + RARE_NAMES)
    surname = rng.choice([*SURNAMES[:20], "欧阳", "司马", "上官"])
    return surname + "".join(rng.choice(GIVEN) for _ in range(rng.randint(1, 2)))


HEADERS: dict[str, list[str]] = {
    "seq": ["序号", "编号", "序 号", "No."],
    "name": ["姓名", "姓  名", "党员姓名", "姓名*", "姓\n名", "*姓名（必填）", "流动党员姓名"],
    "gender": ["性别", "性 别", "性別", "性别（男/女）"],
    "ethnicity": ["民族", "民 族", "族别"],
    "birth_date": ["出生日期", "出生年月", "出生\n年月", "出生时间", "生日", "出生年月（如1985-06）"],
    "id_number": ["身份证号", "身份证号码", "公民身份号码", "身份证\n号码", "公民身份证号（18位）", "身份證號碼"],
    "mobile": ["手机号", "联系电话", "手机号码", "联系方式", "本人联系电话", "聯繫電話", "手机号码（必填）"],
    "community": ["所属社区", "社区", "所在社区", "村（社区）", "社区名称"],
    "join_date": ["入党时间", "入党日期", "加入党组织日期", "入党年月", "入党时间（格式：1990-01-01）"],
    "full_member_date": ["转正时间", "转正日期", "转为正式党员日期"],
    "member_type": ["人员类别", "党员类别", "正式/预备", "政治面貌"],
    "education": ["学历", "文化程度", "最高学历", "学 历"],
    "home_organization": ["流出地党组织", "组织关系所在党支部", "所在党支部", "原所在党支部", "组织关系所在地"],
    "host_organization": ["流入地党组织", "接收党组织", "现参加组织生活的支部"],
    "started_on:out": ["流出时间", "外出时间", "外出日期", "何时外出"],
    "started_on:in": ["流入时间", "流入日期", "何时流入"],
    "reason": ["流动原因", "外出原因", "流出原因"],
    "occupation": ["从事职业", "现从事职业", "工作岗位"],
    "employer": ["工作单位", "现工作单位", "务工单位"],
    "current_address": ["现居住地", "现居住地址", "家庭住址", "居住地址", "现住址"],
    "destination": ["外出地点", "流入地", "流动去向", "流向地/单位"],
    "counterpart_contact_name": ["流出地联系人", "流出组织联系人", "原党组织联系人"],
    "counterpart_contact_phone": ["流出地联系电话", "流出组织联系电话", "原党组织联系电话"],
    "remark": ["备注", "备  注", "说明", "備註"],
}
