"""/healthz says that this process answers, /readyz that it can serve: for load balancers and supervisors."""

from collections.abc import Callable

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponseBase, JsonResponse

from moothall.core.clock import now
from moothall.core.readiness import WORKER_SILENT_AFTER_S, migrations, worker_seen_at


class Health:
    """Before the checks of host names and HTTPS, since probes come by plain HTTP to an address of their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path == "/healthz":
            return JsonResponse({"status": "alive"})
        if request.path == "/readyz":
            return _readiness()
        return self.get_response(request)


def _readiness() -> JsonResponse:
    """A silent worker does not make the site unready: pages are served, only mail and the like wait."""
    try:
        found = migrations()
        counts = {"migrations_missing": found.missing, "migrations_unknown": len(found.unknown)}
        if any(counts.values()):
            return _answer(503, database="reachable", **counts)
        return _answer(200, database="reachable", **counts, worker=_worker())
    except DatabaseError:
        return _answer(503, database="unreachable")


def _worker() -> str:
    seen_at = worker_seen_at()
    if seen_at is None:
        return "not running"
    return "running" if (now() - seen_at).total_seconds() < WORKER_SILENT_AFTER_S else "silent"


def _answer(status: int, **detail: str | int) -> JsonResponse:
    return JsonResponse({"status": "ready" if status == 200 else "not ready", **detail}, status=status)
