"""/healthz says that this process answers, /readyz that it can serve: for load balancers and supervisors."""

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponseBase, JsonResponse


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
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return JsonResponse({"status": "not ready", "database": "unreachable"}, status=503)
    detail = {"database": "reachable", "migrations_missing": missing}
    if missing:
        return JsonResponse({"status": "not ready", **detail}, status=503)
    return JsonResponse({"status": "ready", **detail})
