"""What a program loads before it does anything."""

import subprocess
import sys
from pathlib import Path

from django.conf import settings

ROOMS = Path(__file__).parents[2] / "src" / "moothall"
# What takes a start long, and only posts, mails and pages need.
HEAVY = ("numpy", "onnxruntime", "dns", "requests", "moothall_screening", "moothall.site.urls")


def test_a_worker_is_told_of_the_tasks_of_every_room() -> None:
    files = {f"moothall.{file.parent.name}.tasks" for file in ROOMS.glob("*/tasks.py")}

    assert set(settings.PROCRASTINATE_IMPORT_PATHS) == files


def test_a_command_starts_without_what_posts_and_pages_need(tmp_path: Path) -> None:
    command = f"import sys, django; django.setup(); print([name for name in {HEAVY} if name in sys.modules])"
    environ = {"MOOTHALL_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "moothall.site.settings"}

    started = subprocess.run([sys.executable, "-c", command], env=environ, capture_output=True, text=True, check=True)

    assert started.stdout == "[]\n"
