"""How the parts of a mail look: styles within the tags for light, rules in the head for dark.

Many mail programs know nothing but styles within tags, and a few do not even keep the head, so the
light theme is whole without it.
"""

from collections.abc import Mapping

from attrs import Factory, frozen

from alpine_service.domain.letters.palette import DARK, LIGHT, Palette

WIDTH = 560
"""Pixels that a mail is wide at most."""

_SANS = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
_MONO = "font-family:ui-monospace,'SF Mono',Menlo,Consolas,monospace;"
_BODY = f"{_SANS}font-size:16px;line-height:25px;"
_SMALL = f"{_SANS}font-size:13px;line-height:20px;"
_FINE = f"{_SANS}font-size:14px;line-height:20px;"
_FIGURES = "font-variant-numeric:tabular-nums;"


@frozen
class _Look:
    """`fixed` is the same in both themes; `colours` are properties and whose colour they have."""

    fixed: str
    colours: Mapping[str, str] = Factory(dict)


# Of cells there are many, so they say no more than what they do not have of their table.
_CELL = "padding:14px 12px 0 0;border-top:1px solid;"
_NUMBER = "padding:14px 0 0 12px;border-top:1px solid;text-align:right;"
_TITLE = f"{_SMALL}font-weight:400;padding-bottom:8px;vertical-align:bottom;"

_LOOKS: Mapping[str, _Look] = {
    "page": _Look("margin:0;padding:0;", {"background-color": "page"}),
    "edge": _Look("padding:32px 16px 40px;"),
    "mark": _Look(
        f"{_SANS}font-size:15px;line-height:20px;font-weight:600;letter-spacing:-0.01em;"
        "padding:0 4px 16px;",
        {"color": "text"},
    ),
    "peak": _Look("", {"color": "accent"}),
    "card": _Look(
        "border:1px solid;border-radius:10px;padding:32px 32px 20px;",
        {"background-color": "card", "border-color": "border"},
    ),
    "title": _Look(
        f"{_SANS}font-size:22px;line-height:28px;font-weight:600;letter-spacing:-0.015em;"
        "margin:0 0 16px;",
        {"color": "text"},
    ),
    "heading": _Look(
        f"{_SANS}font-size:16px;line-height:24px;font-weight:600;margin:32px 0 8px;",
        {"color": "text"},
    ),
    "text": _Look(f"{_BODY}margin:0 0 16px;", {"color": "text"}),
    "quiet": _Look(f"{_SMALL}margin:0 0 8px;", {"color": "quiet"}),
    "way": _Look(f"{_BODY}margin:0 0 8px;", {"color": "text"}),
    "link": _Look("text-decoration:underline;text-underline-offset:2px;", {"color": "accent"}),
    "slot": _Look("border-radius:8px;", {"background-color": "accent"}),
    "button": _Look(
        f"{_SANS}font-size:16px;line-height:20px;font-weight:600;text-decoration:none;"
        "display:inline-block;padding:12px 20px;border-radius:8px;",
        {"background-color": "accent", "color": "on_accent"},
    ),
    "box": _Look(
        "border:1px solid;border-radius:8px;padding:12px 14px;",
        {"background-color": "page", "border-color": "border"},
    ),
    "code": _Look(
        f"{_MONO}font-size:14px;line-height:20px;word-break:break-all;", {"color": "text"}
    ),
    "name": _Look(
        f"{_FINE}font-weight:400;padding:9px 12px 9px 0;border-top:1px solid;",
        {"color": "quiet", "border-color": "border"},
    ),
    "value": _Look(
        f"{_FINE}{_FIGURES}font-weight:600;padding:9px 0;border-top:1px solid;"
        "text-align:right;white-space:nowrap;",
        {"color": "text", "border-color": "border"},
    ),
    "head": _Look(f"{_TITLE}padding-right:12px;text-align:left;", {"color": "quiet"}),
    "head-number": _Look(f"{_TITLE}padding-left:12px;text-align:right;", {"color": "quiet"}),
    "table": _Look(f"{_FINE}{_FIGURES}margin:0 0 16px;", {"color": "text"}),
    "cell": _Look(_CELL, {"border-color": "border"}),
    "number": _Look(_NUMBER, {"border-color": "border"}),
    "label": _Look("display:none;mso-hide:all;"),
    "subject": _Look("font-weight:600;text-decoration:none;", {"color": "accent"}),
    "buy": _Look("font-weight:600;", {"color": "buy"}),
    "sell": _Look("font-weight:600;", {"color": "sell"}),
    "hold": _Look("font-weight:600;", {"color": "quiet"}),
    "row": _Look("", {"border-color": "border"}),
    "note": _Look("font-size:13px;padding:2px 0 14px;", {"color": "quiet"}),
    "state": _Look("font-size:13px;padding:2px 0 14px 12px;text-align:right;"),
    "foot": _Look(f"{_SMALL}padding:20px 4px 0;"),
    "hidden": _Look(
        "display:none;mso-hide:all;max-height:0;overflow:hidden;font-size:1px;line-height:1px;",
        {"color": "page"},
    ),
}

# A table of many columns becomes blocks of three cells; numbers get the titles of their columns.
_NARROW = f"""@media (max-width:{WIDTH - 1}px){{
.a-edge{{padding:20px 12px 32px!important}}
.a-card{{padding:24px 20px 12px!important}}
.a-many thead{{display:none!important}}
.a-many table,.a-many tbody,.a-many tr{{display:block!important}}
.a-many .a-row{{border-top:1px solid;padding-top:2px}}
.a-many .a-cell,.a-many .a-number{{display:inline-block!important;width:33.3%!important;
box-sizing:border-box;padding:8px 4px 0 0!important;border-top:0!important;
text-align:left!important;vertical-align:bottom!important}}
.a-many .a-label{{display:block!important;font-size:12px;line-height:18px;color:{LIGHT.quiet}}}
.a-many .a-note,.a-many .a-state{{display:block!important;text-align:left!important}}
.a-many .a-note{{padding:10px 0 0!important}}
.a-many .a-state{{padding:0 0 12px!important}}
}}"""


def look(name: str) -> str:
    """The attributes of a tag that looks so."""
    return f'class="a-{name}" style="{_LOOKS[name].fixed}{_colours(name, LIGHT)}"'


def sheet() -> str:
    """The rules of the head: what another width or theme changes."""
    dark = "\n".join(
        f".a-{name}{{{_colours(name, DARK, '!important')}}}"
        for name, each in _LOOKS.items()
        if each.colours
    )
    dark += f"\n.a-label{{color:{DARK.quiet}!important}}"
    return (
        f":root{{color-scheme:light dark;supported-color-schemes:light dark}}\n{_NARROW}\n"
        f"@media (prefers-color-scheme:dark){{\n{dark}\n}}"
    )


def _colours(name: str, palette: Palette, weight: str = "") -> str:
    colours = _LOOKS[name].colours.items()
    return "".join(f"{what}:{getattr(palette, whose)}{weight};" for what, whose in colours)
