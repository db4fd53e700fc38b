"""The mails about accounts: what each says, as text and as plain HTML of the same words.

Links carry their token behind a #, which browsers send to nobody, so that it is in no log. The
token stands below for whoever types it in.
"""

from html import escape

from attrs import field, frozen


@frozen
class Letter:
    """What is in a mail, before it is known to whom it goes."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)


_IGNORE = "If this was not you, you need do nothing: without this mail nobody can go on."
_WAS_NOT_YOU = (
    "If this was not you, reset your password now and look at the sessions of your account."
)


def verify(public_url: str, token: str) -> Letter:
    return _letter(
        "Confirm your e-mail address",
        ["Somebody, most likely you, opened an account at Alpine with this address."],
        _link(public_url, "verify", token),
        ["The link works once, for 24 hours.", _IGNORE],
    )


def already_registered(public_url: str) -> Letter:
    return _letter(
        "You have an account already",
        [
            "Somebody, most likely you, wanted to open an account at Alpine with this address.",
            "There is one already, and nothing about it was changed.",
            f"If you do not remember its password, you can choose a new one: {public_url}/reset",
        ],
        None,
        ["If this was not you, you need do nothing."],
    )


def reset(public_url: str, token: str) -> Letter:
    return _letter(
        "Choose a new password",
        ["Somebody, most likely you, wants to choose a new password for your account at Alpine."],
        _link(public_url, "reset", token),
        ["The link works once, for 30 minutes.", _IGNORE],
    )


def password_changed() -> Letter:
    return _letter(
        "Your password was changed",
        ["The password of your account at Alpine was changed, and all other sessions were ended."],
        None,
        [_WAS_NOT_YOU],
    )


def confirm_new_email(public_url: str, token: str) -> Letter:
    return _letter(
        "Confirm your new e-mail address",
        ["Somebody, most likely you, wants to use this address for an account at Alpine."],
        _link(public_url, "email", token),
        ["The link works once, for 24 hours.", _IGNORE],
    )


def address_taken() -> Letter:
    return _letter(
        "This address has an account already",
        [
            "Somebody, most likely you, wanted to use this address for another account at Alpine.",
            "It belongs to an account already, and nothing was changed.",
        ],
        None,
        ["If this was not you, you need do nothing."],
    )


def email_change_asked() -> Letter:
    return _letter(
        "Your e-mail address is about to change",
        [
            "Somebody who knows your password asked for another e-mail address of your account.",
            "It changes once the new address is confirmed.",
        ],
        None,
        [_WAS_NOT_YOU],
    )


def email_changed() -> Letter:
    return _letter(
        "Your e-mail address was changed",
        ["Your account at Alpine has another e-mail address now; this one gets no more mails."],
        None,
        ["If this was not you, answer to this mail at once."],
    )


def factor_added() -> Letter:
    return _letter(
        "A second factor guards your account",
        ["From now on signing in to Alpine takes a code besides your password."],
        None,
        [_WAS_NOT_YOU],
    )


def factor_removed() -> Letter:
    return _letter(
        "No second factor guards your account",
        ["From now on signing in to Alpine takes nothing but your password."],
        None,
        [_WAS_NOT_YOU],
    )


def codes_renewed() -> Letter:
    return _letter(
        "You have new recovery codes",
        ["The recovery codes of your account at Alpine were replaced; the old ones are void."],
        None,
        [_WAS_NOT_YOU],
    )


def recovery_code_used(left: int) -> Letter:
    return _letter(
        "A recovery code was used",
        [f"Somebody signed in to your account at Alpine with a recovery code; {left} are left."],
        None,
        [_WAS_NOT_YOU],
    )


def codes_refused() -> Letter:
    return _letter(
        "Somebody knows your password",
        [
            "Somebody gave the password of your account at Alpine, and then several wrong codes.",
            "They did not get in.",
        ],
        None,
        [_WAS_NOT_YOU],
    )


def account_deleted() -> Letter:
    return _letter(
        "Your account is deleted",
        ["Your account at Alpine and all that belonged to it was deleted, as you asked."],
        None,
        ["We will not write to you again."],
    )


def _link(public_url: str, page: str, token: str) -> tuple[str, str]:
    return f"{public_url}/{page}#{token}", token


def _letter(
    subject: str, before: list[str], link: tuple[str, str] | None, after: list[str]
) -> Letter:
    middle_text, middle_html = [], []
    if link is not None:
        url, token = link
        middle_text = [url, f"Or copy this where the page asks for it:\n{token}"]
        middle_html = [
            f'<p><a href="{escape(url)}">{escape(subject)}</a></p>',
            f"<p>Or copy this where the page asks for it:<br><code>{escape(token)}</code></p>",
        ]
    text = "\n\n".join([*before, *middle_text, *after, "Alpine"]) + "\n"
    html = "\n".join([*map(_paragraph, before), *middle_html, *map(_paragraph, after)])
    return Letter(
        subject, text, f'<!doctype html>\n<html lang="en"><body>\n{html}\n</body></html>\n'
    )


def _paragraph(sentence: str) -> str:
    return f"<p>{escape(sentence)}</p>"
