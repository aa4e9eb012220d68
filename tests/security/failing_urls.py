"""Pages that fail in the middle of a request, or go on after it."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from members.models import Member


def fails(request: HttpRequest) -> HttpResponse:
    assert Member.objects.count() == 2
    raise RuntimeError("on purpose")


def streams(request: HttpRequest) -> StreamingHttpResponse:
    def rows() -> Iterator[str]:
        yield str(Member.objects.count())

    return StreamingHttpResponse(rows())


urlpatterns = [path("fails", fails), path("streams", streams)]
