from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, str | bool]:
    return {"site_name": settings.SITE_NAME, "base_url": settings.BASE_URL, "signup_is_open": settings.SIGNUP_IS_OPEN}
