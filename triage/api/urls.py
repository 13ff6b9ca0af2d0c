"""All addresses below /api/v1/, each with and without its trailing slash."""

from django.urls import URLPattern, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.views import APIView

from triage.api import (
    auth,
    call_backs,
    case_actions,
    case_place,
    case_report,
    cases,
    claims,
    clients,
    critical_results,
    drafts,
    find,
    images,
    interim_opinions,
    macros,
    me,
    next_case,
    notices,
    people,
    points,
    predictions,
    priority,
    ready_lists,
    releases,
    renditions,
    reviews,
    saved_views,
    sent,
    site_rules,
    taking_over,
    views,
    waits_preview,
    worklist,
)


def address(route: str, view: type[APIView], name: str, **options: object) -> list[URLPattern]:
    """``route`` twice: named and documented as it is, and the same with a slash at its end."""
    return [
        path(route, view.as_view(**options), name=name),
        path(f"{route}/", view.as_view(**{**options, "schema": None})),
    ]


CASE = "cases/<uuid:case_id>"
CALL_BACK = "call-backs/<uuid:call_back_id>"
CRITICAL = "critical-results/<uuid:result_id>"
SITE = "sites/<slug:slug>"
POINTS = f"{SITE}/operating-points"
PEOPLE = f"{SITE}/people"
MEMBER = f"{PEOPLE}/<uuid:membership_id>"
CLIENTS = f"{SITE}/clients"
TOKENS = f"{CLIENTS}/<uuid:membership_id>/tokens"
IMAGE = "images/<uuid:image_id>"
# They hold no data, and somebody who builds a client reads them before having a login.
PUBLIC: dict[str, list[object]] = {"authentication_classes": [], "permission_classes": []}

urlpatterns = [
    *address("auth/login", auth.Login, "api_login"),
    *address("auth/logout", auth.Logout, "api_logout"),
    *address("me", me.Me, "api_me"),
    *address("cases", cases.Cases, "api_cases"),
    *address(CASE, cases.OneCase, "api_case"),
    *address(f"{CASE}/withdraw", case_actions.Withdrawal, "api_case_withdraw"),
    *address(f"{CASE}/skip", case_actions.Skipping, "api_case_skip"),
    *address(f"{CASE}/dismissal", case_actions.Dismissal, "api_case_dismissal"),
    *address(f"{CASE}/retry", case_actions.Retry, "api_case_retry"),
    *address(f"{CASE}/claim", claims.Claim, "api_case_claim"),
    *address(f"{CASE}/claim/take-over", taking_over.TakeOver, "api_case_take_over"),
    *address(f"{CASE}/claim/end", taking_over.ClaimEnd, "api_case_end_claim"),
    *address(f"{CASE}/claim/renew", claims.Renewal, "api_case_renew"),
    *address(f"{CASE}/position", case_place.CasePosition, "api_case_position"),
    *address(f"{CASE}/earlier", case_place.EarlierCases, "api_case_earlier"),
    *address(f"{CASE}/priority", priority.CasePriority, "api_case_priority"),
    *address(f"{CASE}/draft", drafts.OneDraft, "api_case_draft"),
    *address(f"{CASE}/first-reading", reviews.FirstReading, "api_case_first_reading"),
    *address(f"{CASE}/reviews", reviews.Reviews, "api_case_reviews"),
    *address(
        f"{CASE}/interim-opinions",
        interim_opinions.InterimOpinions,
        "api_case_interim_opinions",
    ),
    *address("call-backs", call_backs.CallBacks, "api_call_backs"),
    *address(CALL_BACK, call_backs.OneCallBack, "api_call_back"),
    *address(f"{CALL_BACK}/attempts", call_backs.Attempts, "api_call_back_attempts"),
    *address(f"{CALL_BACK}/closing", call_backs.Closing, "api_call_back_closing"),
    *address("critical-results", critical_results.CriticalResults, "api_critical_results"),
    *address(CRITICAL, critical_results.OneCriticalResult, "api_critical_result"),
    *address(
        f"{CRITICAL}/acknowledgement",
        critical_results.Acknowledgement,
        "api_critical_acknowledgement",
    ),
    *address(f"{CASE}/report", case_report.Report, "api_case_report"),
    *address(f"{CASE}/report.pdf", case_report.ReportPdf, "api_case_report_pdf"),
    *address("sent", sent.Sent, "api_sent"),
    *address("sent/new", sent.New, "api_sent_new"),
    *address("sent/seen", sent.Seen, "api_sent_seen"),
    *address("me/notices", notices.MyNotices, "api_my_notices"),
    *address("me/notices/sent", notices.SentNotices, "api_sent_notices"),
    *address("reviews/<uuid:review_id>/corrections", reviews.Corrections, "api_review_corrections"),
    *address(IMAGE, images.OneImage, "api_image"),
    *address(f"{IMAGE}/display", images.Display, "api_image_display"),
    *address(f"{IMAGE}/thumbnail", images.Thumbnail, "api_image_thumbnail"),
    *address(f"{IMAGE}/original", images.Original, "api_image_original"),
    *address(f"{IMAGE}/rendition", renditions.Rendition, "api_image_rendition"),
    *address("predictions/<uuid:prediction_id>", predictions.OnePrediction, "api_prediction"),
    *address("worklist", worklist.Worklist, "api_worklist"),
    *address("worklist/next", next_case.NextCase, "api_next"),
    *address("worklist/priority", priority.Priorities, "api_priorities"),
    *address("worklist/ready", ready_lists.ReadyLists, "api_ready_lists"),
    *address("worklist/previous", next_case.Previous, "api_previous"),
    *address("worklist/find", find.Find, "api_find"),
    *address("drafts", drafts.Drafts, "api_drafts"),
    *address("macros", macros.Macros, "api_macros"),
    *address("macros/<uuid:macro_id>", macros.OneMacro, "api_macro"),
    *address("views", saved_views.SavedViews, "api_views"),
    *address("views/<uuid:view_id>", saved_views.OneSavedView, "api_view"),
    *address(f"{SITE}/waits", site_rules.Waits, "api_waits"),
    *address(f"{SITE}/waits/preview", waits_preview.WaitsPreview, "api_waits_preview"),
    *address(f"{SITE}/reading-rules", site_rules.Reading, "api_reading_rules"),
    *address(f"{SITE}/call-back-rules", site_rules.CallBackRules, "api_call_back_rules"),
    *address(f"{SITE}/critical-rules", site_rules.CriticalRules, "api_critical_rules"),
    *address(POINTS, points.Points, "api_points"),
    *address(f"{POINTS}/back", points.PointsBack, "api_points_back"),
    *address(f"{POINTS}/changes", points.PointsChanges, "api_points_changes"),
    *address(PEOPLE, people.People, "api_people"),
    *address(f"{PEOPLE}/changes", people.PeopleChanges, "api_people_changes"),
    *address(f"{MEMBER}/roles", people.Roles, "api_member_roles"),
    *address(f"{MEMBER}/end", people.End, "api_member_end"),
    *address(f"{MEMBER}/restore", people.Restoring, "api_member_restore"),
    *address(CLIENTS, clients.Clients, "api_clients"),
    *address(TOKENS, clients.ClientTokens, "api_client_tokens"),
    *address(f"{TOKENS}/<slug:token_key>", clients.OneToken, "api_client_token"),
    *address("models", releases.Releases, "api_models"),
    *address("schema", SpectacularAPIView, "api_schema", **PUBLIC),
    *address("docs", SpectacularSwaggerSplitView, "api_docs", url_name="api_schema", **PUBLIC),
    re_path(r"^", views.NoSuchAddress.as_view()),
]
