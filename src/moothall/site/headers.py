"""Headers that every response carries, whichever view made it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

# No inline script or style anywhere: what a member writes can't run, even where the cleaning of HTML had a hole.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class Headers:
    """Search engines keep out, unless the view sets `response.may_be_indexed = True`. A file of a member's brings a
    stricter policy of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        if not getattr(response, "may_be_indexed", False):
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response
