from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class StaffAdminConfig(AdminConfig):
    default_site = "portal.site.StaffSite"


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Organizations and access")

    def ready(self) -> None:
        # checks registers the system checks; celery makes the portal's queue the one that whoever asks for work asks
        from portal import alarm, celery, checks  # noqa: F401

        connection_created.connect(alarm.listen, dispatch_uid="portal.alarm")
        post_migrate.connect(_bring_into_line, sender=self)


def _bring_into_line(using: str, **_options: Any) -> None:
    from portal import after_migrate

    after_migrate.load_rights(using)
    after_migrate.secure_triggers(using)
    after_migrate.fill_vault(using)
