"""Who signs in and how: passwords, sessions, what allauth may do."""

from datetime import timedelta

from config import env

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.GuardedBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        # Longer than the 8 of NIST SP 800-63B, since most people here sign in with a password alone.
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# How many proxies of ours stand before the site; each adds the address it saw.
PROXIES = env.integer("NUM_PROXIES", 0)
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # people are invited by an admin; nobody signs up
ACCOUNT_ADAPTER = "accounts.adapter.InvitedPeopleOnly"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Callus: "  # allauth's own names the request's Host
ACCOUNT_FORMS = {
    "change_password": "accounts.password_forms.ChangePassword",
    "reset_password": "accounts.password_forms.ResetPassword",
}
# Wrong passwords are counted by the backend, for all views alike.
ACCOUNT_RATE_LIMITS = dict.fromkeys(("login", "login_failed", "reauthenticate", "change_password"))
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "worklist"
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())  # one shift
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
