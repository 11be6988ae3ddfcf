"""The official `openai` package: classes of errors, readable messages, retries and timeouts."""

import openai
import pytest
from openai import OpenAI

from support import KEY, MODEL, URL, all_left, arrived, mark

client = OpenAI(base_url=URL, api_key=KEY, max_retries=0)
retrying = OpenAI(base_url=URL, api_key=KEY, max_retries=3)

CLASSES = {
    400: openai.BadRequestError,
    404: openai.NotFoundError,
    409: openai.ConflictError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    503: openai.InternalServerError,
}


def ask(content, one=client, **more):
    return one.chat.completions.create(
        **{"model": MODEL, "messages": [{"role": "user", "content": content}], **more}
    )


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("status", CLASSES)
def test_an_upstreams_status_is_its_own_class(status, stream):
    with pytest.raises(CLASSES[status]) as raised:
        ask(mark("error", status=status, message=f"Scripted {status}."), stream=stream)
    assert f"Scripted {status}." in raised.value.message
    assert raised.value.status_code == status
    assert raised.value.request_id.startswith("req_")


@pytest.mark.parametrize("shape", ["ollama", "vllm", "llama-cpp", "fastapi", "tgi", "text"])
def test_an_error_of_another_servers_shape_is_readable(shape):
    with pytest.raises(openai.BadRequestError) as raised:
        ask(mark("error", status=400, shape=shape, message="Scripted words."))
    assert "Scripted words." in raised.value.message
    assert raised.value.type


def test_a_web_page_is_not_shown_as_a_message():
    with pytest.raises(openai.BadRequestError) as raised:
        ask(mark("error", status=400, shape="html"))
    assert "a web page" in raised.value.message
    assert "<" not in raised.value.message


def test_the_operators_wrong_key_is_not_the_callers():
    with pytest.raises(openai.AuthenticationError) as raised:
        ask(mark("error", status=401), model="large")
    assert "the gateway's own key, not yours" in raised.value.message


@pytest.mark.parametrize("model", ["no-such-model", "nowhere/gpt-4o"])
def test_an_unknown_model_is_not_found(model):
    with pytest.raises(openai.NotFoundError) as raised:
        ask("hello", model=model)
    assert raised.value.code == "model_not_found"
    assert model in raised.value.message


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"role": "nobody", "content": "hello"}]}, "messages"),
        ({"n": 0}, "n"),
        ({"stream": "yes"}, "stream"),
        ({"tools": "none"}, "tools"),
        ({"max_tokens": -2}, "max_tokens"),
    ],
    ids=["no-messages", "text-for-messages", "role", "n", "stream", "tools", "max_tokens"],
)
def test_a_bad_request_names_the_parameter(more, param):
    with pytest.raises(openai.BadRequestError) as raised:
        ask("hello", **more)
    assert param in (raised.value.param or "")
    assert raised.value.type == "invalid_request_error"


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_its_retries_end_in_an_answer(status):
    marked = mark("error", status=status, times=1, headers={"retry-after-ms": "1"})
    assert ask(f"python {status} {marked}", retrying).object == "chat.completion"


def test_a_reset_that_passes_is_answered():
    assert ask(f"python reset {mark('reset', times=1)}", retrying).object == "chat.completion"


def test_a_bad_request_is_not_retried():
    with pytest.raises(openai.UnprocessableEntityError):
        ask(f"python bad {mark('error', status=422)}", retrying)
    assert len(arrived("python bad")) <= 2


def test_retry_after_reaches_the_caller():
    with pytest.raises(openai.RateLimitError) as raised:
        ask(mark("error", status=429, headers={"retry-after": "17"}))
    assert raised.value.response.headers["retry-after"] == "17"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_its_timeout_stops_the_upstream(stream):
    name = f"python timeout {stream}"
    with pytest.raises(openai.APITimeoutError):
        ask(f"{name} {mark('hang')}", timeout=1, stream=stream)
    all_left(name)


@pytest.mark.parametrize("how", ["reset", "half-event", "half-reset", "end", "error-event", "garbage"])
def test_a_stream_that_breaks_raises(how):
    with pytest.raises(Exception) as raised:
        for _ in ask(f"tell me more than a little {mark('broken', how=how, after=4)}", stream=True):
            pass
    assert isinstance(raised.value, openai.APIError)
    assert raised.value.message


def test_a_refused_connection_is_a_connection_error():
    with pytest.raises(openai.APIConnectionError):
        ask("hello", client.with_options(base_url="http://127.0.0.1:9/v1"))
