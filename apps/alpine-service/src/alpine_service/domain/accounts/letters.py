"""The mails about accounts: what each says.

Links carry their token behind a #, which browsers send to nobody, so that it is in no log. The
token stands below for whoever types it in.
"""

from collections.abc import Sequence

from alpine_service.domain.letters.blocks import Block, Button, Code, Link, Paragraph
from alpine_service.domain.letters.letter import Letter, write

_IGNORE = "If this was not you, you need do nothing: without this mail nobody can go on."
_NO_HARM = "If this was not you, you need do nothing."
_WAS_NOT_YOU = (
    "If this was not you, reset your password now and look at the sessions of your account."
)
_WHY = "You get this mail because your account at Alpine has this address."


def verify(public_url: str, token: str) -> Letter:
    return _asking(
        "Confirm your e-mail address",
        "Somebody, most likely you, opened an account at Alpine with this address.",
        Button("Confirm this address", f"{public_url}/verify#{token}"),
        token,
        "24 hours",
    )


def already_registered(public_url: str) -> Letter:
    return write(
        "You have an account already",
        [
            Paragraph(
                "Somebody, most likely you, wanted to open an account at Alpine with this address."
            ),
            Paragraph(
                "There is one already, and nothing about it was changed."
                " If you do not remember its password, you can choose a new one."
            ),
            Button("Choose a new password", f"{public_url}/reset"),
        ],
        [Paragraph(_NO_HARM, is_quiet=True)],
        preheader="Nothing about it was changed.",
    )


def reset(public_url: str, token: str) -> Letter:
    return _asking(
        "Choose a new password",
        "Somebody, most likely you, wants to choose a new password for your account at Alpine.",
        Button("Choose a new password", f"{public_url}/reset#{token}"),
        token,
        "30 minutes",
    )


def password_changed(public_url: str) -> Letter:
    return _notice(
        public_url,
        "Your password was changed",
        "The password of your account at Alpine was changed, and all other sessions were ended.",
    )


def confirm_new_email(public_url: str, token: str) -> Letter:
    return _asking(
        "Confirm your new e-mail address",
        "Somebody, most likely you, wants to use this address for an account at Alpine.",
        Button("Confirm this address", f"{public_url}/email#{token}"),
        token,
        "24 hours",
    )


def address_taken() -> Letter:
    return write(
        "This address has an account already",
        [
            Paragraph(
                "Somebody, most likely you, wanted to use this address for another account at"
                " Alpine."
            ),
            Paragraph("It belongs to an account already, and nothing was changed."),
        ],
        [Paragraph(_NO_HARM, is_quiet=True)],
        preheader="Nothing was changed.",
    )


def email_change_asked(public_url: str) -> Letter:
    return _notice(
        public_url,
        "Your e-mail address is about to change",
        "Somebody who knows your password asked for another e-mail address of your account."
        " It changes once the new address is confirmed.",
    )


def email_changed() -> Letter:
    return write(
        "Your e-mail address was changed",
        [
            Paragraph(
                "Your account at Alpine has another e-mail address now; this one gets no more"
                " mails."
            ),
            Paragraph("If this was not you, answer to this mail at once."),
        ],
        preheader="This one gets no more mails.",
    )


def factor_added(public_url: str) -> Letter:
    return _notice(
        public_url,
        "A second factor guards your account",
        "From now on signing in to Alpine takes a code besides your password.",
    )


def factor_removed(public_url: str) -> Letter:
    return _notice(
        public_url,
        "No second factor guards your account",
        "From now on signing in to Alpine takes nothing but your password.",
    )


def codes_renewed(public_url: str) -> Letter:
    return _notice(
        public_url,
        "You have new recovery codes",
        "The recovery codes of your account at Alpine were replaced; the old ones are void.",
    )


def recovery_code_used(public_url: str, left: int) -> Letter:
    return _notice(
        public_url,
        "A recovery code was used",
        "Somebody signed in to your account at Alpine with a recovery code;"
        f" {left} {'is' if left == 1 else 'are'} left.",
    )


def codes_refused(public_url: str) -> Letter:
    return _notice(
        public_url,
        "Somebody knows your password",
        "Somebody gave the password of your account at Alpine, and then several wrong codes."
        " They did not get in.",
    )


def account_deleted() -> Letter:
    return write(
        "Your account is deleted",
        [
            Paragraph(
                "Your account at Alpine and all that belonged to it was deleted, as you asked."
            ),
            Paragraph("We will not write to you again."),
        ],
        preheader="All that belonged to it is gone with it.",
    )


def _asking(subject: str, why: str, button: Button, token: str, lives: str) -> Letter:
    """A mail that somebody waits for, with a link that works once."""
    blocks: Sequence[Block] = [
        Paragraph(why),
        button,
        Code("Or copy this where the page asks for it", token),
        Paragraph(f"The link works once, for {lives}.", is_quiet=True),
    ]
    footnotes = [Paragraph(_IGNORE, is_quiet=True)]
    return write(subject, blocks, footnotes, preheader=f"The link works once, for {lives}.")


def _notice(public_url: str, subject: str, what: str) -> Letter:
    """A mail that nobody waits for, and that says what to do if it comes as a surprise."""
    blocks: Sequence[Block] = [
        Paragraph(what),
        Paragraph(_WAS_NOT_YOU),
        Link("Reset your password", f"{public_url}/reset"),
        Link("Look at your account", f"{public_url}/account"),
    ]
    return write(subject, blocks, [Paragraph(_WHY, is_quiet=True)], preheader=what)
