"""Who can sign in to the demonstration. The password is public on purpose: this package is not part of a
production image.
"""

PASSWORD = "callus-demo-2026"  # noqa: S105
LOGINS = (
    ("clinician@demo.callus.test", "clinician"),
    ("reviewer@demo.callus.test", "reviewer"),
    ("admin@demo.callus.test", "site admin"),
    ("staff@demo.callus.test", "staff"),
)
