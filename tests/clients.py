"""One chain of middleware for all test clients, as a server builds one for all requests.

Django builds a chain for every client; ours lists all static files each time. A test that changes a setting gets a
chain of its own from there on, and so does the next one.
"""

from typing import Any

from django.conf import settings
from django.core.signals import setting_changed
from django.test.client import ClientHandler


def share_middleware() -> None:
    build, built = ClientHandler.load_middleware, {}

    def load(self: ClientHandler, is_async: bool = False) -> None:
        key = (is_async, *settings.MIDDLEWARE)
        if key not in built:
            build(self, is_async)
            built[key] = self._middleware_chain
        self._middleware_chain = built[key]

    def forget(**_changed: Any) -> None:
        built.clear()

    ClientHandler.load_middleware = load  # type: ignore[method-assign]
    setting_changed.connect(forget, weak=False)
