"""Files as answers."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from portal.sheets import KINDS

CONTENT_TYPES = KINDS | {
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "png": "image/png",
    "zip": "application/zip",
}


def file_response(name: str, content: bytes, *, is_saved: bool = True) -> HttpResponse:
    """A file to save, or to be shown by the browser; no cache keeps it. The name's ending tells the content type."""
    response = HttpResponse(content, content_type=CONTENT_TYPES[name.rpartition(".")[2]])
    response["Content-Disposition"] = content_disposition_header(is_saved, name) or "inline"
    response["Cache-Control"] = "private, no-store"
    return response
