"""How hard Hypothesis tries, and the rule that no service blocks its event loop."""

import os
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import settings

settings.register_profile("home", max_examples=25, deadline=None, print_blob=True)
settings.register_profile("ci", max_examples=100, deadline=None, print_blob=True, derandomize=True)
settings.register_profile("counted", settings.get_profile("ci"), max_examples=10)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "home")
)

# Only these own an event loop, so only a blocking call made by them is an error;
# the test around them may read a file.
LOOP_OWNERS = ("argo_adapters", "argo_service", "alpine_service")


@pytest.fixture(autouse=True, scope="session")
def _blocking_the_event_loop_is_an_error() -> Iterator[None]:
    installed = [package for package in LOOP_OWNERS if find_spec(package)]
    if not installed:
        yield
        return
    with blockbuster_ctx(installed) as rule:
        # Coverage counts under a lock that all threads share; holding it is not the service's deed.
        rule.functions["threading.Lock.acquire"].can_block_in("coverage/collector.py", "lock_data")
        yield
