"""The command `moothall`: its own subcommands, and every management command of Django."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.site.settings")
    execute_from_command_line(sys.argv)
    return 0
