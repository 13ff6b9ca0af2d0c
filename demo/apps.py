"""Installed by the settings for one machine and for tests only: it makes people with a known password."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"
    verbose_name = "Demonstration"
