"""Small wishes of a few people: open for different times, taken over, fulfilled."""

import datetime as dt

from django.utils import timezone

from contacts.models import Wish
from contacts.wishes.services import claim_wish, fulfil_wish
from members.models import Member
from portal import access
from portal.demo import add_missing, key

# (member's number, days ago, what is wished for, who took it over, whether it is fulfilled)
WISHES = (
    (0, 2, "想要一本公共营养师考试教材", "", False),
    (2, 12, "孩子上网课缺一盏台灯", "", False),
    (3, 9, "想有人教老人用手机挂号", "林店社区志愿服务队", False),
    (5, 30, "冬天跑车想要一双防滑手套", "汽车市场党支部", True),
)


def add_wishes(members: list[Member], by: access.Actor) -> None:
    """Each is posted, then taken over and fulfilled by the services; one that is there stays as it is."""
    today = timezone.localdate()
    for number, days, text, claimant, is_fulfilled in WISHES:
        member = members[number]
        wish = Wish(pk=key("wish", number), member=member, organization_id=member.organization_id,
                    posted_on=today - dt.timedelta(days=days))  # fmt: skip
        wish.text = text
        if not add_missing([wish]) or not claimant:
            continue
        claim_wish(wish=wish.pk, claimant=claimant, by=by)
        if is_fulfilled:
            fulfil_wish(wish=wish.pk, by=by)
