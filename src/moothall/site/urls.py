from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from moothall.accounts.admin import IN_PLACE_OF_ALLAUTHS

# The admin's own form knows neither the second factor nor the rate limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
for model, staff_list in IN_PLACE_OF_ALLAUTHS.items():
    admin.site.unregister(model)
    admin.site.register(model, staff_list)

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("", include("moothall.web.urls")),
    path("account/", include("allauth.urls")),
]
