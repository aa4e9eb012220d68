"""How far a submission has got: three words for whoever holds the receipt. Public, like checkin.views."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from checkin import limits, submissions
from checkin.codes import read_code
from checkin.forms import ReceiptForm
from checkin.pages import address_of, page, refused_size
from checkin.qr import qr_png
from checkin.submissions import Status
from portal.public import AWAY, public_page


@public_page
def ask_status(request: HttpRequest) -> HttpResponse:
    """Receipt number and tail of the mobile number lead to the state; wrong ones are all answered alike."""
    if request.method != "POST":
        return page("checkin/ask_status.html", 200, form=ReceiptForm())
    refused = refused_size(request)
    if refused is not None:
        return refused
    form = ReceiptForm(request.POST)
    if not form.is_valid():
        return page("checkin/ask_status.html", 200, form=form)
    receipt = form.cleaned_data["receipt"]
    if not limits.may_ask_status(receipt=receipt, address=address_of(request)):
        return page("checkin/ask_status.html", 429, form=form, again_at=limits.next_window())
    try:
        status = submissions.find_status(receipt=receipt, mobile_tail=form.cleaned_data["tail"])
    except AWAY:
        return page("checkin/unavailable.html", 503)
    if status.state == "unknown":
        return page("checkin/ask_status.html", 200, form=form, is_unknown=True)
    return _told(status)


@public_page
def status_of_code(request: HttpRequest, code: str) -> HttpResponse:
    """Behind the code on the receipt."""
    client_key = read_code(code, "receipt")
    if client_key is None:
        return page("checkin/unknown.html", 404)
    try:
        status = submissions.find_status(client_key=client_key)
    except AWAY:
        return page("checkin/unavailable.html", 503)
    return page("checkin/unknown.html", 404) if status.state == "unknown" else _told(status)


@public_page
def code_picture(request: HttpRequest, code: str) -> HttpResponse:
    """The code on the receipt, drawn from its address alone; no statement."""
    if read_code(code, "receipt") is None:
        return HttpResponse(status=404)
    address = settings.BASE_URL + reverse("report_in_status", args=[code])
    return HttpResponse(qr_png(address, module=4), content_type="image/png")


def _told(status: Status) -> HttpResponse:
    return page("checkin/status.html", 200, status=status)
