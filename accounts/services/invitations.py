"""Invites a person who has no password yet: a link, by mail, that lets them choose one."""

import logging

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Membership
from accounts.public import public_url

logger = logging.getLogger(__name__)


def invite_after_commit(membership: Membership) -> None:
    """Sends the invitation once the membership is committed. A dead mail server is logged only."""
    transaction.on_commit(lambda: _invite(membership), robust=True)


def password_link(membership: Membership) -> str:
    """A link that is good until it is used or PASSWORD_RESET_TIMEOUT has passed."""
    user = membership.user
    key = default_token_generator.make_token(user)
    arguments = {"uidb36": user_pk_to_url_str(user), "key": key}
    return public_url(reverse("account_reset_password_from_key", kwargs=arguments))


def _invite(membership: Membership) -> None:
    context = {
        "person": membership.user,
        "site": membership.site,
        "link": password_link(membership),
    }
    subject = render_to_string("accounts/email/invitation_subject.txt", context).strip()
    message = render_to_string("accounts/email/invitation.txt", context)
    try:
        send_mail(subject, message, None, [membership.user.email])
    except OSError:
        logger.exception("The invitation of membership %s could not be sent", membership.pk)
