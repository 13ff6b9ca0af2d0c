"""Addresses of the pages."""

from django.urls import path

from triage.web import (
    arrival,
    beside,
    call_back_rules,
    call_backs,
    case,
    drafts,
    find,
    images,
    interim,
    next_case,
    points,
    reading_rules,
    upload,
    waits,
    worklist,
)

CASE = "cases/<uuid:case_id>"

urlpatterns = [
    path("", worklist.worklist, name="worklist"),
    path("worklist/live/", worklist.live, name="worklist_live"),
    path("worklist/find/", find.find, name="worklist_find"),
    path("next/", next_case.next_case, name="next_case"),
    path("cases/new/", upload.upload, name="upload"),
    path(f"{CASE}/", case.case_page, name="case"),
    path(f"{CASE}/arrival/", arrival.arrival, name="case_arrival"),
    path(f"{CASE}/dismiss/", arrival.dismiss, name="case_dismiss"),
    path(f"{CASE}/model-output/", case.model_output, name="case_model_output"),
    path(f"{CASE}/beside/", beside.beside, name="case_beside"),
    path(f"{CASE}/claim/", case.claim, name="case_claim"),
    path(f"{CASE}/renew/", case.renew, name="case_renew"),
    path(f"{CASE}/give-back/", case.give_back, name="case_give_back"),
    path("drafts/", drafts.drafts, name="drafts"),
    path(f"{CASE}/draft/discard/", drafts.discard, name="case_draft_discard"),
    path(f"{CASE}/review/", case.review, name="case_review"),
    path(f"{CASE}/reviews/<uuid:review_id>/correct/", case.correction, name="case_correct"),
    path(f"{CASE}/interim/", interim.interim, name="case_interim"),
    path(f"{CASE}/withdraw/", case.withdraw, name="case_withdraw"),
    path(f"{CASE}/retry/", case.retry, name="case_retry"),
    path("call-backs/", call_backs.call_backs, name="call_backs"),
    path("call-backs/<uuid:call_back_id>/", call_backs.call_back, name="call_back"),
    path("call-backs/<uuid:call_back_id>/attempt/", call_backs.attempt, name="call_back_attempt"),
    path("call-backs/<uuid:call_back_id>/close/", call_backs.close, name="call_back_close"),
    path("images/<uuid:image_id>/<slug:which>/", images.image, name="image"),
    path(
        "predictions/<uuid:prediction_id>/map/<slug:which>/",
        images.activation_map,
        name="activation_map",
    ),
    path("sites/<slug:slug>/waits/", waits.waits, name="waits"),
    path("sites/<slug:slug>/waits/progress/", waits.progress, name="waits_progress"),
    path("sites/<slug:slug>/reading/", reading_rules.reading_rules, name="reading_rules"),
    path("sites/<slug:slug>/call-backs/", call_back_rules.rules, name="call_back_rules"),
    path("sites/<slug:slug>/points/", points.points, name="points"),
    path(
        "sites/<slug:slug>/points/<uuid:release_id>/<int:number>/back/",
        points.points_back,
        name="points_back",
    ),
]
