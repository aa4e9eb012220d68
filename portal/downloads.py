"""Files as answers."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from portal.sheets import KINDS


def file_response(name: str, content: bytes) -> HttpResponse:
    """A file to save, which no cache keeps."""
    response = HttpResponse(content, content_type=KINDS[name.rpartition(".")[2]])
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    return response
