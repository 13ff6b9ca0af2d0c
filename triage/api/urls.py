"""Addresses of the API, below /api/v1/. Each works with and without the slash at its end."""

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from triage.api import authentication, cases, pictures, reading

UUID = r"(?P<{}>[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{4}}-[0-9a-f]{{12}})"
CASE, IMAGE = f"cases/{UUID.format('case_id')}", f"images/{UUID.format('image_id')}"
REVIEW = f"reviews/{UUID.format('review_id')}"
PREDICTION = f"predictions/{UUID.format('prediction_id')}"


def at(address: str, view: type[APIView] | Callable[..., Any], name: str) -> URLPattern:
    handler = view.as_view() if isinstance(view, type) else view
    return re_path(rf"^{address}/?$", handler, name=name)


class NothingHere(APIView):
    """Any other address below the API answers 404 in the API's own shape, to everybody."""

    permission_classes = [AllowAny]
    schema = None

    def dispatch(self, request: Any, *args: Any, **options: Any) -> Any:
        self.http_method_not_allowed = self.nothing  # type: ignore[method-assign]
        return super().dispatch(request, *args, **options)

    def nothing(self, request: Request, *args: Any, **options: Any) -> None:
        from django.http import Http404

        raise Http404


urlpatterns = [
    at("auth/login", authentication.LoginView, "api_login"),
    at("auth/logout", authentication.LogoutView, "api_logout"),
    at("me", authentication.MeView, "api_me"),
    at("cases", cases.CasesView, "api_cases"),
    at(CASE, cases.CaseView, "api_case"),
    at(f"{CASE}/withdraw", cases.WithdrawView, "api_case_withdraw"),
    at(f"{CASE}/retry", cases.RetryView, "api_case_retry"),
    at(f"{CASE}/claim", reading.ClaimView, "api_case_claim"),
    at(f"{CASE}/claim/renew", reading.RenewView, "api_case_renew"),
    at(f"{CASE}/reviews", reading.ReviewsView, "api_case_reviews"),
    at(f"{REVIEW}/corrections", reading.CorrectionsView, "api_review_corrections"),
    at(IMAGE, pictures.ImageView, "api_image"),
    at(f"{IMAGE}/(?P<which>display|thumbnail|original)", pictures.ImageFileView, "api_image_file"),
    at(PREDICTION, pictures.PredictionView, "api_prediction"),
    at("worklist", reading.WorklistView, "api_worklist"),
    at("models", pictures.ModelsView, "api_models"),
    path("schema/", SpectacularAPIView.as_view(permission_classes=[AllowAny]), name="api_schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api_schema", permission_classes=[AllowAny]),
        name="api_docs",
    ),
    re_path(r"^.*$", NothingHere.as_view(), name="api_nothing"),
]
