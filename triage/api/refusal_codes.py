"""What the codes of a refusal mean, where the document says which of them an address has."""

from collections.abc import Iterable

# code → status and meaning. Each ends as a sentence.
CODES: dict[str, tuple[int, str]] = {
    "account_invalid": (400, "the address can't be the address of an account."),
    "added_meanwhile": (400, "another site added the address at the same moment; try again."),
    "client_keeps_its_role": (400, "an API client has one role for ever."),
    "client_of_another_site": (400, "the address is an API client's, which has one site."),
    "last_admin": (400, "nobody would be left who administers the site."),
    "member_already": (400, "they belong to the site, or did: bring them back."),
    "not_a_client": (400, "it is a person, or an API client that was taken off or switched off."),
    "own_roles": (400, "it would give you a role."),
    "not_own_admin": (
        403,
        "you are staff, and only an admin of the site or a superuser gives an API client anything.",
    ),
    "not_site_admin": (403, "you don't administer the site any more."),
    "not_superuser": (
        403,
        "it is about staff, whom only a superuser or an admin of the site changes.",
    ),
    "wrong_password": (403, "`password` is not yours."),
    "token_gone": (404, "the API client has no such token, or no more."),
    "tokens_changed": (409, "another token than `known` is the newest."),
}


def meanings_of(codes: Iterable[str], status: int) -> str:
    """What the document says of those of ``codes`` that are answered with ``status``."""
    shown = {code: CODES[code] for code in sorted(codes)}
    return "".join(f" `{code}`: {text}" for code, (of, text) in shown.items() if of == status)
