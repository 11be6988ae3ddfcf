"""The official `anthropic` package against `/v1/messages`, answered by upstreams that speak chat."""

import json

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic

from support import KEY, PIXEL, WEATHER_SCHEMA, all_left, arrived, in_loop, mark, root, slowly

CLAUDE = "claude-sonnet-4-6"
client = Anthropic(base_url=root(), api_key=KEY, max_retries=0)
TOOLS = [
    {"name": name, "description": f"Does {name}.", "input_schema": WEATHER_SCHEMA}
    for name in ("get_weather", "get_news")
]
THINKING = {"max_tokens": 2000, "thinking": {"type": "enabled", "budget_tokens": 1024}}


def asked(content, **more):
    messages = content if isinstance(content, list) and "role" in content[0] else [{"role": "user", "content": content}]
    return {"model": CLAUDE, "max_tokens": 200, "messages": messages, **more}


def ask(content, **more):
    return client.messages.create(**asked(content, **more))


def streamed(content, **more):
    with client.messages.stream(**asked(content, **more)) as stream:
        return stream.get_final_message()


WAYS = pytest.mark.parametrize("way", [ask, streamed], ids=["whole", "stream"])


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def calls_of(message):
    return [block for block in message.content if block.type == "tool_use"]


@WAYS
@pytest.mark.parametrize("model", [CLAUDE, "auto", "small", "large", "gpt-4o"])
def test_a_text_comes_back_with_usage(way, model):
    message = way("hello", model=model)
    assert "hello" in text_of(message)
    assert (message.type, message.role, message.stop_reason) == ("message", "assistant", "end_turn")
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 0


def test_the_headers_are_readable():
    raw = client.messages.with_raw_response.create(**asked("hello"))
    assert raw.headers["x-smallfirst-tier"] == "small"
    assert raw.headers["request-id"].startswith("req_")
    assert raw.parse()._request_id == raw.headers["request-id"]


@WAYS
@pytest.mark.parametrize(
    "more",
    [
        {"system": "Be brief."},
        {"system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}]},
        {"extra_body": {"temperature": 0.3, "top_p": 0.9, "top_k": 40}},
        {"stop_sequences": ["A", "B", "C", "D", "E"]},
        {"metadata": {"user_id": "ann"}},
        {"service_tier": "auto"},
        {"extra_headers": {"anthropic-beta": "context-1m-2025-08-07"}},
    ],
    ids=lambda more: next(iter(more)) + type(next(iter(more.values()))).__name__,
)
def test_parameters_are_accepted(way, more):
    assert "hello" in text_of(way("hello", **more))


@WAYS
def test_a_stop_sequence_is_named(way):
    message = way(f"hello {mark(text='one two', finishReason='length')}")
    assert message.stop_reason == "max_tokens"


def test_the_events_of_a_stream_are_anthropics():
    types = [event.type for event in client.messages.create(**asked("hello"), stream=True)]
    assert types[0] == "message_start"
    assert types[1] == "content_block_start"
    assert types[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert "content_block_delta" in types


def test_the_text_stream_makes_the_text():
    with client.messages.stream(**asked("hello there")) as stream:
        pieces = list(stream.text_stream)
        assert "".join(pieces) == text_of(stream.get_final_message())
    assert len(pieces) > 2


@WAYS
def test_thinking_is_shown_to_who_asked_for_it(way):
    prompt = mark(reasoning="Let me see.", text="Done.")
    blocks = way(prompt, **THINKING).content
    assert [block.type for block in blocks] == ["thinking", "text"]
    assert blocks[0].thinking == "Let me see."
    assert [block.type for block in way(prompt).content] == ["text"]


@pytest.mark.parametrize("model", ["small", "large"])
def test_a_conversation_goes_on_with_its_thinking(model):
    turns = [{"role": "user", "content": mark(reasoning="Hm.", text="Yes.")}]
    first = ask(turns, **THINKING, model="small")
    turns += [{"role": "assistant", "content": first.content}, {"role": "user", "content": "why?"}]
    assert "why?" in text_of(ask(turns, **THINKING, model=model))


@WAYS
@pytest.mark.parametrize(
    ("text", "choice", "called"),
    [
        ("use get_weather", None, ["get_weather"]),
        ("hello", None, []),
        ("use get_weather and get_news", {"type": "auto"}, ["get_weather", "get_news"]),
        ("use get_weather", {"type": "auto", "disable_parallel_tool_use": True}, ["get_weather"]),
        ("hello", {"type": "any"}, ["get_weather"]),
        ("hello", {"type": "tool", "name": "get_news"}, ["get_news"]),
        ("use get_weather", {"type": "none"}, []),
    ],
    ids=["default", "none fits", "parallel", "not parallel", "any", "named", "none"],
)
def test_tools_are_called(way, text, choice, called):
    message = way(text, tools=TOOLS, **({} if choice is None else {"tool_choice": choice}))
    calls = calls_of(message)
    assert [call.name for call in calls] == called
    assert [call.input for call in calls] == [{"city": "text"}] * len(called)
    assert message.stop_reason == ("tool_use" if called else "end_turn")


@pytest.mark.parametrize("error", [False, True], ids=["result", "error"])
@pytest.mark.parametrize("model", ["small", "large"])
def test_results_come_back_in_order(model, error):
    name = f"use get_weather and get_news {model} {error}"
    turns = [{"role": "user", "content": name}]
    first = ask(turns, tools=TOOLS, model="small")
    results = [
        {"type": "tool_result", "tool_use_id": call.id, "content": f"of {call.name}", "is_error": error}
        for call in calls_of(first)
    ]
    turns += [{"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    assert text_of(ask(turns, tools=TOOLS, model=model))
    sent = arrived(name)[-1]["body"]["messages"]
    assert [turn["tool_call_id"] for turn in sent if turn["role"] == "tool"] == [
        call["id"] for call in sent[1]["tool_calls"]
    ]


def test_the_tool_runner_ends_in_an_answer():
    @anthropic.beta_tool
    def get_weather(city: str) -> str:
        """The weather of a city."""
        return f"21 degrees in {city}"

    runner = client.beta.messages.tool_runner(**asked("use get_weather"), tools=[get_weather])
    messages = list(runner)
    assert [message.stop_reason for message in messages] == ["tool_use", "end_turn"]


@WAYS
@pytest.mark.parametrize(
    "source",
    [
        {"type": "base64", "media_type": "image/png", "data": PIXEL},
        {"type": "url", "url": "https://example.org/a.png"},
    ],
    ids=lambda source: source["type"],
)
def test_pictures_are_shown(way, source):
    content = [{"type": "image", "source": source}, {"type": "text", "text": "hello"}]
    assert "hello" in text_of(way(content))
    sent = arrived("hello")[-1]["body"]["messages"][-1]["content"]
    assert [part["type"] for part in sent] == ["image_url", "text"]


def test_a_schema_is_followed():
    form = {"format": {"type": "json_schema", "schema": WEATHER_SCHEMA}}
    assert "city" in json.loads(text_of(ask("A city?", output_config=form)))


def test_tokens_are_counted():
    short = client.messages.count_tokens(model=CLAUDE, messages=[{"role": "user", "content": "hello"}])
    long = client.messages.count_tokens(
        model=CLAUDE, system="Be brief.", tools=TOOLS, messages=[{"role": "user", "content": "hello " * 50}]
    )
    assert 0 < short.input_tokens < long.input_tokens


def test_models_are_listed_and_retrieved():
    names = [model.id for model in client.models.list()]
    assert "auto" in names
    assert client.models.retrieve("auto").type == "model"


def test_leaving_a_stream_stops_the_upstream():
    with client.messages.stream(**asked(slowly("anthropic leaves"))) as stream:
        next(iter(stream.text_stream))
    all_left("anthropic leaves")


def test_a_bearer_token_is_accepted_and_stays_here():
    bearer = Anthropic(base_url=root(), auth_token="theirs", api_key=None, max_retries=0)
    assert text_of(bearer.messages.create(**asked("anthropic bearer", model="large")))
    assert arrived("anthropic bearer")[-1]["headers"]["authorization"] == "Bearer test-key"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_async(stream):
    async def within():
        async with AsyncAnthropic(base_url=root(), api_key=KEY, max_retries=0) as one:
            if not stream:
                return await one.messages.create(**asked("hello"))
            async with one.messages.stream(**asked("hello")) as events:
                return await events.get_final_message()

    assert "hello" in text_of(in_loop(within()))
