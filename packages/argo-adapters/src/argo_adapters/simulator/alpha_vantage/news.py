"""Alpha Vantage's news with sentiment."""

from datetime import UTC, datetime
from itertools import islice

from argo_adapters.simulator.alpha_vantage.words import invalid, news_name
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.news import Story
from argo_adapters.simulator.paging import whole
from argo_adapters.simulator.stamps import DAY, SECOND, iso
from argo_adapters.simulator.wire import Ask, Reply, answer

MOST = 1_000
LOOKBACK = 3 * DAY

_SORTS = {"LATEST", "EARLIEST", "RELEVANCE"}
_LABELS = (
    (-0.35, "Bearish"),
    (-0.15, "Somewhat-Bearish"),
    (0.15, "Neutral"),
    (0.35, "Somewhat-Bullish"),
)
_SCORES = (
    "x <= -0.35: Bearish; -0.35 < x <= -0.15: Somewhat-Bearish; -0.15 < x < 0.15: Neutral; "
    "0.15 <= x < 0.35: Somewhat_Bullish; x >= 0.35: Bullish"
)


def news(lens: Lens, ask: Ask) -> Reply:
    """NEWS_SENTIMENT: articles that name all `tickers`, or any article."""
    limit = whole(ask.query, "limit", 50, MOST)
    sort = ask.query.get("sort", "LATEST")
    since = _moment(ask, "time_from", lens.now - LOOKBACK)
    until = _moment(ask, "time_to", lens.now)
    if limit is None or sort not in _SORTS:
        invalid("NEWS_SENTIMENT")
    wanted = {name for name in ask.query.get("tickers", "").split(",") if name}
    topics = {name for name in ask.query.get("topics", "").split(",") if name}
    stories = (
        story
        for story in lens.stories(max(since, lens.now - 10 * LOOKBACK), until)
        if wanted <= {news_name(one.symbol) for one in story.feelings}
        and (not topics or story.topic in topics)
        and not any(one.symbol in lens.hidden for one in story.feelings)
    )
    found = list(stories) if sort != "LATEST" else list(islice(stories, limit))
    if sort == "EARLIEST":
        found.reverse()
    elif sort == "RELEVANCE":
        found.sort(key=lambda story: -story.feelings[0].relevance)
    feed = [_article(story) for story in found[:limit]]
    return answer(
        {
            "items": str(len(feed)),
            "sentiment_score_definition": _SCORES,
            "relevance_score_definition": "0 < x <= 1, with a higher score more relevant.",
            "feed": feed,
        }
    )


def label(score: float) -> str:
    """The vendor's word for a score."""
    if score <= _LABELS[0][0]:
        return "Bearish"
    return next((word for edge, word in _LABELS if score < edge), "Bullish")


def _moment(ask: Ask, name: str, default: int) -> int:
    text = ask.query.get(name)
    if text is None:
        return default
    try:
        moment = datetime.strptime(text, "%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        invalid("NEWS_SENTIMENT")
    return int(moment.timestamp()) * SECOND


def _article(story: Story) -> dict[str, object]:
    overall = story.feelings[0].score
    return {
        "title": story.title,
        "url": story.url,
        "time_published": iso(story.published)[:19].replace("-", "").replace(":", ""),
        "authors": [story.author],
        "summary": story.summary,
        "banner_image": "https://example.com/image.png",
        "source": story.source,
        "category_within_source": "n/a",
        "source_domain": "example.com",
        "topics": [{"topic": story.topic, "relevance_score": "0.5"}],
        "overall_sentiment_score": overall,
        "overall_sentiment_label": label(overall),
        "ticker_sentiment": [
            {
                "ticker": news_name(one.symbol),
                "relevance_score": f"{one.relevance:.6f}",
                "ticker_sentiment_score": f"{one.score:.6f}",
                "ticker_sentiment_label": label(one.score),
            }
            for one in story.feelings
        ],
    }
