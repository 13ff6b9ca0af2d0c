"""The Django admin with the site of ``accounts.admin_site`` in place of its own."""

from django.contrib.admin.apps import AdminConfig


class CallusAdminConfig(AdminConfig):
    default_site = "accounts.admin_site.CallusAdminSite"
