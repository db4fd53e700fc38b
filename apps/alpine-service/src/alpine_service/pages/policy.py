"""What a browser may do with a page of ours: nothing that did not come from us as a file.

There is no exception in it: no script or style stands within a page, and no script may make markup
of text (Trusted Types). So whatever gets into a page as words stays words.
"""

_RULES = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
)
POLICY = "; ".join(_RULES)

# A page's forms have to say where they come from, which `no-referrer` would keep from us.
REFERRER = "same-origin"
