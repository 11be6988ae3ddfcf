"""LlamaIndex: `OpenAI`, `OpenAILike`, `OpenAIResponses` and the embeddings."""

import openai
import pytest
from llama_index.core.llms import ChatMessage, ImageBlock, TextBlock
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.embeddings.openai_like import OpenAILikeEmbedding
from llama_index.llms.openai import OpenAI, OpenAIResponses
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel

from support import KEY, MIXED_URL, MODEL, PIXEL, URL, all_left, arrived, in_loop, mark


class Person(BaseModel):
    """A person."""

    name: str
    age: int


def official(**more):
    return OpenAI(**{"api_base": URL, "api_key": KEY, "model": MODEL, "max_retries": 0, **more})


def like(**more):
    return OpenAILike(
        **{
            "api_base": URL, "api_key": KEY, "model": "auto", "max_retries": 0, "is_chat_model": True,
            "is_function_calling_model": True, "context_window": 8000, **more,
        }
    )


def responses(**more):
    shared = {"api_base": MIXED_URL, "api_key": KEY, "model": MODEL, "max_retries": 0, "store": True}
    return OpenAIResponses(**{**shared, **more})


WAYS = {"OpenAI": official, "OpenAILike": like, "OpenAIResponses": responses}


@pytest.fixture(params=WAYS)
def way(request):
    return WAYS[request.param]


def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"21 degrees in {city}"


TOOL = FunctionTool.from_defaults(fn=get_weather)


def test_complete_gives_text(way):
    assert "hello" in way().complete("hello").text


def test_chat_carries_turns_of_every_role(way):
    turns = [
        ChatMessage(role="system", content="Be brief."),
        ChatMessage(role="user", content="hi"),
        ChatMessage(role="assistant", content="yes?"),
        ChatMessage(role="user", content="hello"),
    ]
    assert "hello" in way().chat(turns).message.content


def test_a_picture_is_carried(way):
    blocks = [TextBlock(text="hello"), ImageBlock(image=PIXEL.encode(), image_mimetype="image/png")]
    assert "hello" in way().chat([ChatMessage(role="user", blocks=blocks)]).message.content


def test_streams_make_the_text(way):
    completed = [piece.delta or "" for piece in way().stream_complete("hello there")]
    chatted = [piece.delta or "" for piece in way().stream_chat([ChatMessage(role="user", content="hello there")])]
    assert "hello there" in "".join(completed)
    assert "hello there" in "".join(chatted)
    assert sum(piece != "" for piece in chatted) > 2


def test_async_whole_and_streamed(way):
    async def within():
        whole = await way().acomplete("hello")
        pieces = [piece.delta or "" async for piece in await way().astream_complete("hello")]
        return whole.text, "".join(pieces)

    whole, streamed = in_loop(within())
    assert "hello" in whole
    assert whole == streamed


def test_usage_is_in_the_raw_answer(way):
    raw = way().chat([ChatMessage(role="user", content="hello")]).raw
    usage = raw.usage if hasattr(raw, "usage") else raw["usage"]
    assert usage.total_tokens > 0


def test_a_tool_is_called(way):
    model = way()
    answer = model.chat_with_tools([TOOL], user_msg="use get_weather")
    (call,) = model.get_tool_calls_from_response(answer)
    assert (call.tool_name, call.tool_kwargs) == ("get_weather", {"city": "text"})


def test_a_tool_is_called_in_a_stream(way):
    model = way()
    *_, last = model.stream_chat_with_tools([TOOL], user_msg="use get_weather")
    (call,) = model.get_tool_calls_from_response(last)
    assert call.tool_kwargs == {"city": "text"}


def test_predict_and_call_ends_in_the_tools_answer(way):
    assert "21 degrees in text" in str(way().predict_and_call([TOOL], user_msg="use get_weather"))


def test_structured_output_is_a_value(way):
    model = way().as_structured_llm(Person)
    assert isinstance(model.complete("use Person").raw, Person)


def test_an_error_carries_status_and_message(way):
    with pytest.raises(openai.APIStatusError) as raised:
        way().complete(mark("error", status=422, message="Scripted words."))
    assert raised.value.status_code == 422
    assert "Scripted words." in raised.value.message


def test_retries_end_in_an_answer(way):
    name = f"llamaindex {way.__name__}"
    marked = mark("error", status=500, times=1, headers={"retry-after-ms": "1"})
    assert name in way(max_retries=2).complete(f"{name} {marked}").text


def test_its_timeout_stops_the_upstream(way):
    name = f"llamaindex timeout {way.__name__}"
    with pytest.raises(openai.APITimeoutError):
        way(timeout=1).complete(f"{name} {mark('hang')}")
    all_left(name, MIXED_URL if way is responses else URL)


def test_old_completions_are_answered():
    model = like(model="gpt-3.5-turbo-instruct", is_chat_model=False)
    assert model.complete("hello").text


@pytest.mark.parametrize("tracked", [False, True], ids=["history", "previous_response_id"])
def test_responses_go_on_from_small_to_large(tracked):
    name = f"llamaindex across {tracked}"
    turns = [ChatMessage(role="user", content=f"{name} one")]
    small, large = (responses(model=tier, context_window=8000) for tier in ("small", "large"))
    first = small.chat(turns)
    asked = ChatMessage(role="user", content=f"{name} two")
    if tracked:
        second = large.chat([asked], previous_response_id=first.raw.id)
    else:
        second = large.chat([*turns, first.message, asked])
    assert f"{name} two" in second.message.content
    sent = arrived(f"{name} two", MIXED_URL)[-1]
    assert (sent["upstream"], sent["problems"]) == ("cloud", [])


@pytest.mark.parametrize(
    "make",
    [
        lambda: OpenAIEmbedding(api_base=URL, api_key=KEY, model="text-embedding-3-small", max_retries=0),
        lambda: OpenAILikeEmbedding(api_base=URL, api_key=KEY, model_name="text-embedding-3-small", max_retries=0),
    ],
    ids=["OpenAIEmbedding", "OpenAILikeEmbedding"],
)
def test_embeddings_of_a_query_and_of_documents_agree(make):
    embedding = make()
    assert embedding.get_query_embedding("hello") == embedding.get_text_embedding_batch(["hello", "other"])[0]
