"""Addresses of a site's people, below /sites/."""

from django.urls import path

from accounts import views

MEMBER = "<slug:slug>/people/<uuid:membership_id>"

urlpatterns = [
    path("<slug:slug>/people/", views.people_page, name="people"),
    path("<slug:slug>/people/add/", views.add, name="people_add"),
    path(f"{MEMBER}/roles/", views.change, name="people_change"),
    path(f"{MEMBER}/end/", views.end, name="people_end"),
    path(f"{MEMBER}/restore/", views.restore, name="people_restore"),
    path("<slug:slug>/people/clients/add/", views.client_add, name="client_add"),
    path(f"{MEMBER}/tokens/add/", views.token_add, name="token_add"),
    path(f"{MEMBER}/tokens/<slug:token_key>/revoke/", views.token_revoke, name="token_revoke"),
]
