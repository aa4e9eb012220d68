"""A mail that is encoded once for many readers is the mail that Django would have written for each."""

import datetime as dt
import email
import email.policy
from uuid import uuid4

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from contacts import mails


def written(address: str) -> mails.Written:
    return mails.render(mails.Letter(address, "样例街道", "login"), [], digest=uuid4(), is_resend=False)


def read(message: EmailMessage) -> email.message.EmailMessage:
    data = message.message().as_bytes(linesep="\r\n")
    assert b"\n" not in data.replace(b"\r\n", b"")
    return email.message_from_bytes(data, policy=email.policy.default)  # type: ignore[return-value]


def test_headers_and_text_are_those_of_django():
    for address in ("li.an+1@example.invalid", "second@example.invalid"):  # the second finds the text encoded
        ours = written(address)
        theirs = EmailMessage(ours.subject, ours.body, to=ours.to, headers=ours.extra_headers)
        one, two = read(ours), read(theirs)
        assert sorted(one.keys()) == sorted(two.keys())
        assert all(one[name] == two[name] for name in one if name != "Date")
        assert one["To"] == address
        assert one.get_content() == two.get_content()
        assert "样例街道" in one["Subject"]
        assert abs(one["Date"].datetime.replace(tzinfo=dt.UTC) - timezone.now()) < dt.timedelta(minutes=1)


def test_address_that_is_not_plain_goes_through_djangos_own_checks():
    strange = written("李@例子.测试")
    assert not strange.is_plain
    assert read(strange)["To"] == "李@xn--fsqu00a.xn--0zwm56d"
    for bad in ("a@example.invalid\nBcc: b@example.invalid", "a@example.invalid, b@example.invalid\r\nX: y"):
        with pytest.raises(ValueError, match=r"."):
            written(bad).message()
