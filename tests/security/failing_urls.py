"""Pages that fail in the middle of a request, or go on after it."""

import io
from collections.abc import Iterator

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import include, path

from members.models import Member


def fails(request: HttpRequest) -> HttpResponse:
    assert Member.objects.exists()  # the scope is there: it is what must not stay behind
    raise RuntimeError("on purpose")


def streams(request: HttpRequest) -> StreamingHttpResponse:
    def rows() -> Iterator[str]:
        yield str(Member.objects.count())

    return StreamingHttpResponse(rows())


def file(request: HttpRequest) -> FileResponse:
    """A file whose text was read within the request."""
    names = "\n".join(Member.objects.values_list("name", flat=True))
    return FileResponse(io.BytesIO(names.encode()), filename="names.txt")


urlpatterns = [
    path("fails", fails),
    path("streams", streams),
    path("file", file),
    path("", include("portal.urls")),
]
