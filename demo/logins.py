"""Who can sign in to the demonstration. The password is public on purpose: this package is not part of a
production image.
"""

PASSWORD = "callus-demo-2026"  # noqa: S105
CLINICIAN = "clinician@demo.callus.test"
READER = "reviewer@demo.callus.test"
SECOND_READER = "second@demo.callus.test"
ADMIN = "admin@demo.callus.test"
LOGINS = (
    (CLINICIAN, "clinician"),
    (READER, "reviewer"),
    (SECOND_READER, "reviewer"),
    (ADMIN, "site admin"),
    ("staff@demo.callus.test", "staff"),
)
