"""The official `anthropic` package: classes of errors, readable messages, retries and timeouts."""

import anthropic
import pytest
from anthropic import Anthropic

from support import KEY, all_left, mark, root

client = Anthropic(base_url=root(), api_key=KEY, max_retries=0)
retrying = Anthropic(base_url=root(), api_key=KEY, max_retries=3)


def asked(content, **more):
    return {"model": "claude-sonnet-4-6", "max_tokens": 200, "messages": [{"role": "user", "content": content}], **more}


def ask(content, **more):
    return client.messages.create(**asked(content, **more))


def streamed(content, **more):
    with client.messages.stream(**asked(content, **more)) as stream:
        return stream.get_final_message()


WAYS = pytest.mark.parametrize("way", [ask, streamed], ids=["whole", "stream"])


CLASSES = {
    400: (anthropic.BadRequestError, "invalid_request_error"),
    404: (anthropic.NotFoundError, "not_found_error"),
    422: (anthropic.UnprocessableEntityError, "invalid_request_error"),
    429: (anthropic.RateLimitError, "rate_limit_error"),
    500: (anthropic.InternalServerError, "api_error"),
    503: (anthropic.InternalServerError, "overloaded_error"),
}


@WAYS
@pytest.mark.parametrize("status", CLASSES)
def test_an_upstreams_status_is_its_own_class(way, status):
    kind, name = CLASSES[status]
    with pytest.raises(kind) as raised:
        way(mark("error", status=status, message="Scripted words."))
    assert raised.value.body["error"]["type"] == name
    assert "Scripted words." in raised.value.message
    assert raised.value.request_id.startswith("req_")


@pytest.mark.parametrize(
    "more",
    [{"max_tokens": 0}, {"messages": []}, {"messages": [{"role": "nobody", "content": "hello"}]}],
    ids=["max_tokens", "no messages", "role"],
)
def test_a_bad_request_is_refused(more):
    with pytest.raises(anthropic.BadRequestError) as raised:
        ask("hello", **more)
    assert raised.value.body["type"] == "error"
    assert next(iter(more)) in raised.value.message


def test_an_unknown_model_is_not_found():
    with pytest.raises(anthropic.NotFoundError) as raised:
        ask("hello", model="no-such-model")
    assert "no-such-model" in raised.value.message


@pytest.mark.parametrize("status", [429, 500, 503])
def test_its_retries_end_in_an_answer(status):
    marked = mark("error", status=status, times=1, headers={"retry-after-ms": "1"})
    assert retrying.messages.create(**asked(f"anthropic {status} {marked}")).content


def test_its_timeout_stops_the_upstream():
    with pytest.raises(anthropic.APITimeoutError):
        ask(f"anthropic timeout {mark('hang')}", timeout=1)
    all_left("anthropic timeout")


@pytest.mark.parametrize("how", ["reset", "half-event", "end", "error-event"])
def test_a_stream_that_breaks_raises(how):
    with pytest.raises(anthropic.APIError):
        streamed(f"tell me more than a little {mark('broken', how=how, after=4)}")
