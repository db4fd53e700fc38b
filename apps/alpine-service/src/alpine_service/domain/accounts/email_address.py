"""An e-mail address as it was typed, and as one key for all spellings of it."""

from attrs import field, frozen
from email_validator import EmailNotValidError, validate_email

from alpine_service.errors import InvalidInput

# RFC 5321, 4.5.3.1.3: a path has 256 octets, two of which are its brackets.
LONGEST = 254


@frozen
class EmailAddress:
    """`typed` is where mails go; `key` is equal for spellings that differ in case or in coding.

    Whether two spellings reach two people is the receiving server's affair; in practice no server
    tells upper from lower case, and two accounts that look the same help only impostors.
    """

    typed: str = field(repr=False)
    key: str = field(repr=False)


def read_email(text: str, where: str = "email") -> EmailAddress:
    """An address as people have them: no comments, no quotes, no bare IP addresses.

    Raises:
        InvalidInput: it is none; `where` names the field.
    """
    fix = "give one address such as name@example.com"
    # Measured before it is parsed, so that nobody makes us parse a novel.
    if len(text.encode("utf-8", "surrogatepass")) > LONGEST:
        raise InvalidInput(where, f"it is longer than {LONGEST} bytes", fix)
    try:
        found = validate_email(text, check_deliverability=False)
    except (EmailNotValidError, UnicodeError) as error:
        raise InvalidInput(where, "it is not an e-mail address", fix) from error
    return EmailAddress(found.normalized, f"{found.local_part.casefold()}@{found.ascii_domain}")
