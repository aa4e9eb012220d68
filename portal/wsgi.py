import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
from portal.embedded import ensure_services  # noqa: E402

ensure_services()
from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()
