"""Invented people: names out of syllables, impossible ID numbers, mobiles without subscribers."""

import datetime as dt
from dataclasses import dataclass

SURNAMES = "陈程丁方傅高顾郭韩何胡黄江蒋金孔李梁林刘卢陆罗吕马孟潘彭钱秦沈宋苏孙唐陶汪魏吴徐许薛杨叶于袁张赵郑周朱"
MIDDLES = "昀苒珩栩澄禾棠湛屿霁"
ENDINGS = "例拟维样川舟岚宁青安"
AREAS = ("341522", "341221", "411525", "340123", "340803", "341103", "341302", "320829", "421122", "340103")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class Person:
    name: str
    gender: str
    birth_date: dt.date
    id_number: str
    mobile: str


def name(number: int) -> str:
    """A name like 丁昀例; the first fifty are all different."""
    middle = MIDDLES[(number * 3) % len(MIDDLES)]
    return SURNAMES[number % len(SURNAMES)] + middle + ENDINGS[(number * 7 + number // 10) % len(ENDINGS)]


def id_number(area: str, birth_date: dt.date, sequence: int) -> str:
    """A number with a right check character (ISO 7064 MOD 11-2) and a sequence code from 990 on."""
    body = f"{area}{birth_date:%Y%m%d}{990 + sequence % 10}"
    check = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11
    return body + "10X98765432"[check]


def mobile(number: int) -> str:
    return f"1380000{number:04d}"


def person(number: int) -> Person:
    """The invented person of this number: always the same."""
    birth_date = dt.date(1962 + (number * 11) % 38, 1 + (number * 5) % 12, 1 + (number * 13) % 28)
    is_woman = number % 3 == 1
    sequence = (number % 5) * 2 + (0 if is_woman else 1)
    return Person(
        name=name(number),
        gender="female" if is_woman else "male",
        birth_date=birth_date,
        id_number=id_number(AREAS[number % len(AREAS)], birth_date, sequence),
        mobile=mobile(1000 + number),
    )
