"""`moothall mail explain`, as somebody types it, without a site that runs."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.installation import MOOTHALL


@pytest.mark.parametrize(
    "raw", [b"", bytes(range(256)) * 9, b"From: \xff\r\nContent-Type: text/plain; charset=nope\r\n\r\n\x00"]
)
def test_any_bytes_are_explained_with_exit_code_0_and_nothing_is_kept(tmp_path: Path, raw: bytes) -> None:
    data = tmp_path / "data"
    done = subprocess.run(
        [str(MOOTHALL), "mail", "explain", "-"],
        input=raw,
        env={"PATH": os.environ["PATH"], "MOOTHALL_DATA": str(data), "MOOTHALL_BASE_URL": "http://moot.test"},
        capture_output=True,
        check=False,
    )

    assert (done.returncode, json.loads(done.stdout)["kind"]) == (0, "refused")
    assert not (data / "postgres").exists()
