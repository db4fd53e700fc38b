"""Where the server's own words go: nowhere.

It would write down what it cannot read byte for byte: a key, in a header with one bad byte in it.
What came of requests that it could read is told by the middlewares.
"""

import logging

UNHEARD = logging.getLogger("alpine_service.unheard")
UNHEARD.setLevel(logging.CRITICAL + 1)
UNHEARD.propagate = False
