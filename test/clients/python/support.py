"""The servers under test and what reached their upstreams, for suites of Python clients.

`python-suite.ts` starts both gateways and sets the environment variables that are read here.
"""

import asyncio
import json
import os
import time
import urllib.parse
import urllib.request

# Both upstreams have `/v1/responses`.
URL = os.environ["SMALLFIRST_URL"]
# The local upstream speaks chat only, as most local servers do; the cloud has `/v1/responses`.
MIXED_URL = os.environ["SMALLFIRST_MIXED_URL"]
KEY = "none"
MODEL = "gpt-4o"

_WAIT_S = 120


def root(url=URL):
    """The base URL of clients that append `/v1` themselves."""
    return url.removesuffix("/v1")


def mark(kind="answer", **behaviour):
    """Text for a prompt that scripts the mock upstream's answer (`test/support/mock/behaviour.ts`)."""
    return f"[[mock {json.dumps({'kind': kind, **behaviour}, separators=(',', ':'))}]]"


def arrived(containing="", url=URL):
    """The POSTs that reached the upstreams of a gateway, in order, whose user text holds `containing`.

    Each has `path`, `headers`, `body`, `text`, `aborted`, `upstream`, and `problems`: what in its input items OpenAI's
    published schema does not allow.
    """
    query = urllib.parse.urlencode({"gateway": url})
    with urllib.request.urlopen(f"{os.environ['SMALLFIRST_ARRIVED_URL']}?{query}", timeout=_WAIT_S) as answer:
        return [one for one in json.load(answer) if containing in one["text"]]


def until(condition):
    """Polls `condition` until it holds; fails after two minutes."""
    deadline = time.monotonic() + _WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "the condition did not hold within two minutes"
        time.sleep(0.01)


def all_left(containing, url=URL):
    """Waits until every upstream that was asked this has seen its client leave."""

    def left():
        asked = arrived(containing, url)
        return len(asked) > 0 and all(one["aborted"] for one in asked)

    until(left)


_LOOP = asyncio.new_event_loop()


def in_loop(coroutine):
    """Runs a coroutine in one loop for all cases: clients keep their connections for the loop of the first call."""
    return _LOOP.run_until_complete(coroutine)


def slowly(name):
    """A prompt whose answer takes about 5 s to stream."""
    return f"{name} {mark(text='word ' * 500, chunkDelayMs=10)}"


WEATHER_SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
