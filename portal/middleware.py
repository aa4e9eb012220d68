"""One transaction and one actor around the whole request."""

from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from portal import access, alarm

Responder = Callable[[HttpRequest], HttpResponse]


class ActorMiddleware:
    """Open the request's transaction and name the user who acts in it.

    The admin renders after the view, so the transaction must reach around the response. A 5xx rolls back (Django has
    turned the exception into a response by then); a 4xx commits, because a failed login must be recorded.
    """

    def __init__(self, get_response: Responder) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.body  # noqa: B018  read within the size limits before BEGIN, so that a slow upload holds no transaction
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            with transaction.atomic():
                return _rolled_back_on_5xx(alarm.answer(self.get_response, request))
        with access.acting_as(access.user_actor(user)):
            return _rolled_back_on_5xx(alarm.answer(self.get_response, request))


def _rolled_back_on_5xx(response: HttpResponse) -> HttpResponse:
    if response.status_code >= 500:
        transaction.set_rollback(True)
    return response
