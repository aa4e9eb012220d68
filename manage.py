#!/usr/bin/env python
"""Command line of the portal. Starts or joins the embedded servers where no URL is given."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if sys.argv[1:2] == ["setup_database"]:  # makes the database that Django's settings name
        from portal.database import command

        command(sys.argv[2:])
        return
    from portal.embedded import ensure_services

    ensure_services()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
