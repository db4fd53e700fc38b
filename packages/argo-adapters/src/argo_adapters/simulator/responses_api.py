"""What Grok's and Sonar's simulators share: the shape of the Responses API, and bearer keys."""

from collections.abc import Iterable, Mapping

from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.llm import CHARACTERS_PER_TOKEN
from argo_adapters.simulator.news import Story
from argo_adapters.simulator.wire import Ask
from argo_core.market.instrument import Symbol


def message(
    ask: Ask, text: str, annotations: Iterable[Mapping[str, object]] = ()
) -> dict[str, object]:
    """The item of the output that says `text`."""
    content = [{"type": "output_text", "text": text, "annotations": list(annotations)}]
    return {
        "type": "message",
        "id": f"msg_{ask.id}",
        "role": "assistant",
        "status": "completed",
        "content": content,
    }


def cited(kind: str, title: str, story: Story, text: str) -> dict[str, object]:
    """An annotation that all of `text` rests on the story."""
    return {
        "type": kind,
        "url": story.url,
        "title": title,
        "start_index": 0,
        "end_index": len(text),
    }


def failed(model: str, error: Mapping[str, str]) -> dict[str, object]:
    """A response that ended without output, which comes with HTTP 200."""
    return {
        "id": "resp_sim",
        "object": "response",
        "created_at": 0,
        "model": model,
        "status": "failed",
        "error": error,
        "output": [],
    }


def found(lens: Lens, symbols: Iterable[Symbol], span: int, most: int) -> list[Story]:
    """The newest stories of the last `span` nanoseconds about the symbols, at most so many."""
    known = [symbol for symbol in symbols if lens.knows(symbol)]
    stories = lens.stories(lens.now - span, lens.now, known)
    return [story for story, _ in zip(stories, range(most), strict=False)]


def shortened(text: str, most_tokens: int) -> tuple[str, bool]:
    """As much of the text as so many tokens hold, and whether that is less than all."""
    short = text[: most_tokens * CHARACTERS_PER_TOKEN]
    return short, len(short) < len(text)


def bearer(ask: Ask) -> str:
    """The bearer token, empty when there is none."""
    scheme, _, key = ask.headers.get("Authorization", "").partition(" ")
    return key if scheme == "Bearer" else ""


def spell(symbol: Symbol) -> str:
    """As we do: a model reads anything."""
    return symbol
