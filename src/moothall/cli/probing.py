"""Asking the site on this machine, past any proxy that the environment names for the world outside."""

import urllib.request
from http.client import HTTPResponse

from django.conf import settings

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(path: str, timeout_s: float) -> HTTPResponse:
    """Raises OSError, or HTTPException where something else than a web server answers."""
    answer: HTTPResponse = _DIRECT.open(f"http://127.0.0.1:{settings.PORT}{path}", timeout=timeout_s)
    return answer
