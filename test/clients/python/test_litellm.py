"""LiteLLM's client: by OpenAI's API, by Anthropic's, and by `/v1/responses`."""

import asyncio
import json

import litellm
import pytest
from pydantic import BaseModel

from support import KEY, MIXED_URL, MODEL, PIXEL, URL, WEATHER_SCHEMA, all_left, arrived, in_loop, mark, root, slowly

litellm.telemetry = False
litellm.drop_params = True
TOOLS = [
    {"type": "function", "function": {"name": name, "description": f"Does {name}.", "parameters": WEATHER_SCHEMA}}
    for name in ("get_weather", "get_news")
]
WAYS = {
    "openai": {"model": f"openai/{MODEL}", "api_base": URL},
    "litellm_proxy": {"model": f"litellm_proxy/{MODEL}", "api_base": URL},
    "anthropic": {"model": "anthropic/claude-sonnet-4-6", "api_base": root()},
}


class Person(BaseModel):
    name: str
    age: int


@pytest.fixture(params=WAYS)
def way(request):
    return {**WAYS[request.param], "api_key": KEY, "num_retries": 0, "max_retries": 0}


def ask(way, content, **more):
    messages = content if isinstance(content, list) else [{"role": "user", "content": content}]
    return litellm.completion(**{**way, "messages": messages, **more})


def gathered(stream, messages=None):
    return litellm.stream_chunk_builder(list(stream), messages=messages)


def test_a_whole_answer_has_text_and_usage(way):
    answer = ask(way, "hello")
    assert "hello" in answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens > 0


def test_a_stream_makes_the_text(way):
    chunks = list(ask(way, "hello there", stream=True))
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "hello there" in "".join(pieces)
    assert sum(piece != "" for piece in pieces) > 2


def test_a_stream_has_usage_if_asked(way):
    chunks = list(ask(way, "hello", stream=True, stream_options={"include_usage": True}))
    assert litellm.stream_chunk_builder(chunks).usage.total_tokens > 0


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 0.1, "top_p": 0.9},
        {"max_tokens": 50},
        {"max_completion_tokens": 50},
        {"stop": ["A", "B"]},
        {"stop": ["A", "B", "C", "D", "E"]},
        {"user": "ann"},
        {"seed": 1},
    ],
    ids=lambda more: "+".join(more) + str(len(str(more))),
)
def test_parameters_are_accepted(way, more):
    if way["model"].startswith(("openai", "litellm_proxy")) and len(more.get("stop", [])) > 4:
        pytest.skip("OpenAI's API takes four")
    assert "hello" in ask(way, "hello", **more).choices[0].message.content


def test_turns_of_every_role_are_carried(way):
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "yes?"},
        {"role": "user", "content": [
            {"type": "text", "text": "hello"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
        ]},
    ]
    assert "hello" in ask(way, turns).choices[0].message.content


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    ("text", "choice", "called"),
    [
        ("use get_weather and get_news", "auto", ["get_weather", "get_news"]),
        ("hello", "required", ["get_weather"]),
        ("hello", {"type": "function", "function": {"name": "get_news"}}, ["get_news"]),
    ],
    ids=["parallel", "required", "named"],
)
def test_tools_are_called(way, stream, text, choice, called):
    answer = ask(way, text, tools=TOOLS, tool_choice=choice, stream=stream)
    message = (gathered(answer) if stream else answer).choices[0].message
    assert [call.function.name for call in message.tool_calls] == called
    assert [json.loads(call.function.arguments) for call in message.tool_calls] == [{"city": "text"}] * len(called)


def test_results_come_back(way):
    turns = [{"role": "user", "content": "use get_weather and get_news"}]
    called = ask(way, turns, tools=TOOLS).choices[0].message
    results = [
        {"role": "tool", "tool_call_id": call.id, "name": call.function.name, "content": "21 degrees"}
        for call in called.tool_calls
    ]
    answer = ask(way, [*turns, called.model_dump(), *results], tools=TOOLS).choices[0].message
    assert answer.content
    assert not answer.tool_calls


def test_a_schema_is_followed(way):
    answer = ask(way, "Who?", response_format=Person)
    assert Person.model_validate_json(answer.choices[0].message.content)


def test_reasoning_comes_back(way):
    more = {"reasoning_effort": "low", "max_tokens": 4000} if way["model"].startswith("anthropic") else {}
    message = ask(way, mark(reasoning="Hm.", text="Yes."), **more).choices[0].message
    assert (message.content, message.reasoning_content) == ("Yes.", "Hm.")


def test_the_headers_are_readable(way):
    headers = ask(way, "hello")._hidden_params["additional_headers"]
    assert headers["llm_provider-x-smallfirst-tier"] == "small"


def test_async_whole_and_streamed(way):
    async def within():
        asked = {**way, "messages": [{"role": "user", "content": "hello"}]}
        whole = await litellm.acompletion(**asked)
        pieces = [chunk.choices[0].delta.content or "" async for chunk in await litellm.acompletion(**asked, stream=True)]
        return whole.choices[0].message.content, "".join(pieces)

    whole, streamed = in_loop(within())
    assert "hello" in whole
    assert whole == streamed


def test_twenty_at_once(way):
    async def within():
        return await asyncio.gather(
            *(litellm.acompletion(**way, messages=[{"role": "user", "content": f"number {n}."}]) for n in range(20))
        )

    answers = in_loop(within())
    assert all(f"number {n}." in answer.choices[0].message.content for n, answer in enumerate(answers))


def test_embeddings_are_vectors():
    asked = {"model": "openai/text-embedding-3-small", "api_base": URL, "api_key": KEY}
    both = litellm.embedding(**asked, input=["hello", "other"])
    assert [len(each["embedding"]) for each in both.data] == [8, 8]
    assert len(litellm.embedding(**asked, input=[15339, 1917]).data) == 1


def test_text_completions_are_answered():
    answer = litellm.text_completion(
        model="text-completion-openai/gpt-3.5-turbo-instruct", api_base=URL, api_key=KEY, prompt="hello"
    )
    assert answer.choices[0].text


@pytest.mark.parametrize("url", [URL, MIXED_URL], ids=["passed-on", "by-way-of-chat"])
def test_responses_go_on_from_small_to_large(url):
    asked = {"api_base": url, "api_key": KEY}
    first = litellm.responses(model="openai/small", input="litellm one", **asked)
    second = litellm.responses(model="openai/large", input="litellm two", previous_response_id=first.id, **asked)
    assert "litellm two" in second.output[-1].content[0].text
    events = [event.type for event in litellm.responses(model="openai/small", input="hello", stream=True, **asked)]
    assert events[-1] == "response.completed"


def test_leaving_a_stream_stops_the_upstream():
    stream = ask({**WAYS["openai"], "api_key": KEY}, slowly("litellm leaves"), stream=True)
    next(iter(stream))
    stream.completion_stream.close()
    all_left("litellm leaves")


def test_models_are_listed():
    assert "auto" in litellm.get_valid_models(
        check_provider_endpoint=True, custom_llm_provider="openai", api_base=URL, api_key=KEY
    )


def test_anthropics_messages_go_through_its_own_function():
    async def within():
        return await litellm.anthropic.messages.acreate(
            model="anthropic/claude-sonnet-4-6", api_base=root(), api_key=KEY, max_tokens=100,
            messages=[{"role": "user", "content": "litellm messages"}],
        )

    assert "litellm messages" in in_loop(within())["content"][0]["text"]
    assert arrived("litellm messages")
