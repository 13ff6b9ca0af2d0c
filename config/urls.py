"""All addresses of the site."""

from django.contrib import admin
from django.urls import include, path

from triage.web import health

urlpatterns = [
    path("healthz/live", health.live, name="health_live"),
    path("healthz/ready", health.ready, name="health_ready"),
    path("healthz/intake", health.intake, name="health_intake"),
    path("healthz/worker", health.worker, name="health_worker"),
    path("healthz/outbox", health.outbox, name="health_outbox"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.sign_in_urls")),
    path("sites/", include("accounts.urls")),
    path("api/v1/", include("triage.api.urls")),
    path("", include("triage.web.urls")),
]

handler400 = "triage.web.errors.bad_request"
handler403 = "triage.web.errors.forbidden"
handler404 = "triage.web.errors.not_found"
handler500 = "triage.web.errors.server_error"
