"""The accounts that the demo made, so that whoever starts it can log in."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class DemoLogin:
    email: str
    password: str
    about: str


def write_demo_logins(logins: list[DemoLogin]) -> None:
    draft = _path().with_suffix(".part")
    draft.write_text(json.dumps([asdict(login) for login in logins], indent=1), encoding="utf-8")
    draft.chmod(0o600)
    draft.rename(_path())  # whole or not at all, on a full disk too


def demo_logins() -> list[DemoLogin]:
    """None, when the demo was never loaded here."""
    if not _path().exists():
        return []
    return [DemoLogin(**login) for login in json.loads(_path().read_text(encoding="utf-8"))]


def _path() -> Path:
    return Path(settings.DATA) / "demo-logins.json"
