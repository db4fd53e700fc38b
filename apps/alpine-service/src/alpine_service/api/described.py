"""The API's description, made once when the application is built."""

from attrs import frozen

from alpine_service.api.etag import Tagged


@frozen
class Described:
    """The OpenAPI document, as JSON."""

    document: Tagged
