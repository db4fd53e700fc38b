"""A few words for the program that a session was opened with, for its owner to know it again."""

# The first that fits; later ones are part of what earlier ones say of themselves.
_PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "a Python program"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_LOOKED_AT = 512


def device_words(user_agent: str | None) -> str:
    """Such as `Firefox on Linux`. Nothing of the header itself is kept: anybody can write it."""
    told = (user_agent or "")[:_LOOKED_AT]
    program = next(
        (name for mark, name in _PROGRAMS if mark in told.replace("Python", "python")), None
    )
    system = next((name for mark, name in _SYSTEMS if mark in told), None)
    if program is None and system is None:
        return "an unknown program"
    return f"{program or 'a program'} on {system}" if system else f"{program}"
