"""Templates made into answers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web
from attrs import frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.environment import TemplateModule

from alpine_service.pages.formats import FILTERS
from alpine_service.pages.policy import POLICY, REFERRER
from alpine_service.pages.static_files import StaticFiles

FOLDER = Path(__file__).with_name("templates")
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": REFERRER,
    # Somebody else at the same machine must not find it by going back.
    "Cache-Control": "private, no-store",
    "Vary": "Cookie",
}


@frozen
class Renderer:
    """Makes pages of templates; every value is escaped, and a name that is not given fails."""

    environment: Environment
    static: StaticFiles

    def page(
        self, template: str, status: int = 200, /, *, values: Mapping[str, Any]
    ) -> web.Response:
        """A page; `values` has the frame's as well."""
        text = self.environment.get_template(template).render(values)
        return web.Response(
            status=status, text=text, content_type="text/html", charset="utf-8", headers=_HEADERS
        )

    def part(self, template: str, values: Mapping[str, Any]) -> TemplateModule:
        """Part of a page, made once: templates put it in as it is, its values are escaped."""
        return self.environment.get_template(template).make_module(dict(values))


def renderer(static: StaticFiles) -> Renderer:
    """Reads all templates now: a mistake in one is found at the start, and files block."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    environment.filters.update(FILTERS)
    environment.globals["static"] = static.url
    environment.globals["has_static"] = static.has
    for name in environment.list_templates(
        filter_func=lambda each: each.endswith((".html", ".svg"))
    ):
        environment.get_template(name)
    return Renderer(environment, static)
