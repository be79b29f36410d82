"""One line a request, and an id by which a person's report finds it."""

import logging
import time
from collections.abc import Callable
from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase
from django.utils.encoding import escape_uri_path

logger = logging.getLogger("moothall.request")


class RequestLog:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = uuid4().hex[:16]
        started = time.perf_counter()
        response = self.get_response(request)
        duration_ms = round((time.perf_counter() - started) * 1000, 1)
        response.headers["X-Request-ID"] = request_id
        # The path without its query: search words and one-time keys in links are a person's own. As it was asked for,
        # since a decoded one may hold line breaks, and so lines of the log that we never wrote.
        path = escape_uri_path(request.path)
        logger.info(
            "%s %s %s in %s ms",
            request.method,
            path,
            response.status_code,
            duration_ms,
            extra={
                "request_id": request_id,
                "method": request.method,
                "path": path,
                "status": response.status_code,
                "duration_ms": duration_ms,
            },
        )
        return response
