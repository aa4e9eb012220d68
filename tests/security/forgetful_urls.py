"""A public page that reads members and forgets to say who acts."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from members.models import Member
from portal.public import public_page
from portal.urls import urlpatterns as real


def _forgetful(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{Member.objects.count()} members")


urlpatterns = [path("c/forgetful", public_page(_forgetful)), *real]
