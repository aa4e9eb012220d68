"""The peer and the limit that bench/checkin.py drives: one WSGI application, two addresses.

`usual` is a check-in as most Django projects write it: signed token, member by phone hash, get_or_create, behind the
middleware that startproject lists. `empty` is a view that does nothing, behind no middleware at all.
"""

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
WITHOUT_MIDDLEWARE = os.environ.get("PEER_EMPTY") == "1"


def _configure() -> None:
    from portal.settings import database

    settings.configure(
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": database(os.environ["DATABASE_OWNER_URL"])},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
        MIDDLEWARE=[]
        if WITHOUT_MIDDLEWARE
        else [
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        USE_TZ=True,
    )


_configure()
import django  # noqa: E402

django.setup()

from django.core.signing import TimestampSigner  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402


class PeerMember(models.Model):
    phone_hash = models.CharField(max_length=64, unique=True)

    class Meta:
        app_label = "peer"


class PeerCheckin(models.Model):
    event = models.IntegerField()
    member = models.ForeignKey(PeerMember, models.CASCADE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "peer"
        constraints = [models.UniqueConstraint(fields=["event", "member"], name="peer_once")]


@csrf_exempt
def usual(request: HttpRequest) -> HttpResponse:
    event = int(TimestampSigner().unsign(request.POST["token"]))
    member = PeerMember.objects.get(phone_hash=phone_hash(request.POST["phone"]))
    PeerCheckin.objects.get_or_create(event=event, member=member)
    return HttpResponse("ok")


@csrf_exempt
def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns: list[Any] = [path("usual", usual), path("empty", empty)]
application = get_wsgi_application()


def phone_hash(phone: str) -> str:
    return hashlib.sha256(phone.encode()).hexdigest()


def token(event: int) -> str:
    return TimestampSigner().sign(str(event))


def build(members: int, first_phone: int) -> None:
    """Make the peer's tables and `members` rows with consecutive phones."""
    from django.db import connection

    with connection.schema_editor() as editor:
        editor.create_model(PeerMember)
        editor.create_model(PeerCheckin)
    PeerMember.objects.bulk_create(
        (PeerMember(phone_hash=phone_hash(str(first_phone + number))) for number in range(members)), batch_size=5000
    )


if __name__ == "__main__":
    build(int(sys.argv[1]), int(sys.argv[2]))
    print(token(1))
