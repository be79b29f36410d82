"""A command leaves no thread behind: Python stops them where they stand, and waits on what they hold."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import TEST_DATA

COMMAND = """
import sys, threading
from moothall.cli.main import main
try:
    sys.argv = ["moothall", "migrate", "--check"]
    main()
except SystemExit:
    pass
print([each.name for each in threading.enumerate()])
"""


def test_a_command_that_used_the_database_leaves_no_thread(embedded_server: None) -> None:
    environment = {"MOOTHALL_DATA": str(TEST_DATA), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", COMMAND], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "['MainThread']"
