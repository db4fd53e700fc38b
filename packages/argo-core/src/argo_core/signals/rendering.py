"""Accepted prose as a signal's words: one line, each claim followed by its evidence."""

from argo_core.signals.prose import Claim, Prose

_STOPS = ".!?"


def render(prose: Prose) -> str:
    """One line of printable ASCII: summary, claims with citations such as [e3], and risks.

    At most some 2,800 characters by the bounds of `Prose`; a template may be longer.
    """
    said = [_sentence(prose.summary), *(_cited(claim) for claim in prose.claims)]
    if prose.risks:
        said.append(_sentence("Risks: " + "; ".join(risk.rstrip(_STOPS) for risk in prose.risks)))
    return " ".join(said)


def _cited(claim: Claim) -> str:
    return f"{claim.text.rstrip(_STOPS)} {''.join(f'[{one}]' for one in claim.evidence_ids)}."


def _sentence(text: str) -> str:
    return text if text.endswith(tuple(_STOPS)) else f"{text}."
