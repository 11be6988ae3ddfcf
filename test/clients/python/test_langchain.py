"""LangChain: `langchain-openai` by chat and by responses, `langchain-anthropic`, and embeddings by token arrays."""

import os

import pytest
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAI, OpenAIEmbeddings
from pydantic import BaseModel

from support import KEY, MIXED_URL, MODEL, PIXEL, URL, all_left, arrived, in_loop, mark, root, slowly


class Person(BaseModel):
    """A person."""

    name: str
    age: int


@tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"21 degrees in {city}"


def by_chat(**more):
    return ChatOpenAI(**{"base_url": URL, "api_key": KEY, "model": MODEL, "max_retries": 0, "stream_usage": True, **more})


def by_responses(**more):
    return by_chat(use_responses_api=True, **more)


def by_responses_over_chat(**more):
    return by_chat(use_responses_api=True, base_url=MIXED_URL, **more)


def by_messages(**more):
    return ChatAnthropic(
        **{"base_url": root(), "api_key": KEY, "model": "claude-sonnet-4-6", "max_tokens": 300, "max_retries": 0, **more}
    )


WAYS = {"chat": by_chat, "responses": by_responses, "responses-over-chat": by_responses_over_chat, "messages": by_messages}


@pytest.fixture(params=WAYS)
def way(request):
    return WAYS[request.param]


def test_invoke_gives_text_and_usage(way):
    message = way().invoke("hello")
    assert "hello" in message.text
    assert message.usage_metadata["total_tokens"] > 0


def test_turns_of_every_role_are_carried(way):
    turns = [SystemMessage("Be brief."), HumanMessage("hi"), AIMessage("yes?"), HumanMessage("hello")]
    assert "hello" in way().invoke(turns).text


def test_a_picture_is_carried(way):
    picture = {"type": "image", "base64": PIXEL, "mime_type": "image/png"}
    assert "hello" in way().invoke([HumanMessage(content=[{"type": "text", "text": "hello"}, picture])]).text


def test_stream_gives_pieces_that_make_the_text(way):
    pieces = [piece.text for piece in way().stream("hello there")]
    assert "hello there" in "".join(pieces)
    assert sum(piece != "" for piece in pieces) > 2


def test_usage_of_a_stream_is_added_up(way):
    whole = None
    for piece in way().stream("hello"):
        whole = piece if whole is None else whole + piece
    assert whole.usage_metadata["total_tokens"] > 0


def test_a_chain_works(way):
    chain = ChatPromptTemplate.from_template("say {word}") | way() | StrOutputParser()
    assert "say hello" in chain.invoke({"word": "hello"})


def test_batch_answers_each(way):
    answers = way().batch(["say one", "say two", "say three"])
    assert [answer.text.split(" ")[-1] for answer in answers] == ["one", "two", "three"]


def test_async_whole_and_streamed(way):
    async def within():
        whole = await way().ainvoke("hello")
        return whole.text, "".join([piece.text async for piece in way().astream("hello")])

    whole, streamed = in_loop(within())
    assert "hello" in whole
    assert whole == streamed


@pytest.mark.parametrize("streams", [False, True], ids=["whole", "stream"])
def test_a_tool_is_called_and_its_result_understood(way, streams):
    bound = way().bind_tools([get_weather])
    turns = [HumanMessage("use get_weather")]
    if streams:
        first = None
        for piece in bound.stream(turns):
            first = piece if first is None else first + piece
    else:
        first = bound.invoke(turns)
    (call,) = first.tool_calls
    assert (call["name"], call["args"]) == ("get_weather", {"city": "text"})
    result = get_weather.invoke(call)
    assert isinstance(result, ToolMessage)
    second = bound.invoke([*turns, first, result])
    assert second.text
    assert second.tool_calls == []


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_structured_output_is_a_value(way, method):
    model = way().with_structured_output(Person, method=method)
    assert isinstance(model.invoke("Who?"), Person)


@pytest.mark.parametrize("way", [by_chat, by_messages, by_responses_over_chat], ids=["chat", "messages", "responses"])
def test_a_tool_call_of_the_small_model_is_answered_by_the_large(way):
    small, large = (way(model=name).bind_tools([get_weather]) for name in ("small", "large"))
    turns = [HumanMessage(f"{way.__name__} use get_weather")]
    first = small.invoke(turns)
    answer = large.invoke([*turns, first, get_weather.invoke(first.tool_calls[0])])
    assert answer.text
    sent = arrived(way.__name__ + " use", MIXED_URL if way is by_responses_over_chat else URL)[-1]
    assert (sent["upstream"], sent["problems"]) == ("cloud", [])


@pytest.mark.parametrize("way", [by_responses, by_responses_over_chat], ids=["responses", "responses-over-chat"])
def test_previous_response_id_goes_on_at_the_large(way):
    first = way(model="small").invoke("my name is Ann")
    second = way(model="large").invoke("who am I?", previous_response_id=first.response_metadata["id"])
    assert "who am I?" in second.text


def test_thinking_is_a_block_of_its_own():
    thinking = {"type": "enabled", "budget_tokens": 1024}
    message = by_messages(thinking=thinking, max_tokens=2000).invoke(mark(reasoning="Hm.", text="Yes."))
    assert [block["type"] for block in message.content_blocks] == ["reasoning", "text"]


def test_the_headers_are_readable():
    message = by_chat(include_response_headers=True).invoke("hello")
    assert message.response_metadata["headers"]["x-smallfirst-tier"] == "small"


def test_log_probabilities_come_back():
    message = by_chat(model="large", logprobs=True, top_logprobs=1).invoke("hello")
    assert message.response_metadata["logprobs"]["content"][0]["top_logprobs"]


def test_tokens_are_counted_by_the_gateway():
    assert by_messages().get_num_tokens_from_messages([HumanMessage("hello there")]) > 1


def test_leaving_a_stream_stops_the_upstream(way):
    prompt = f"langchain leaves {way.__name__}"
    stream = way().stream(slowly(prompt))
    for piece in stream:
        if piece.text:
            break
    stream.close()
    all_left(prompt, MIXED_URL if way is by_responses_over_chat else URL)


def test_the_old_completion_class_works():
    model = OpenAI(base_url=URL, api_key=KEY, model="gpt-3.5-turbo-instruct", max_retries=0)
    assert "".join(model.stream("hello")) == model.invoke("hello")


def embeddings(**more):
    return OpenAIEmbeddings(**{"base_url": URL, "api_key": KEY, "model": "text-embedding-3-small", "max_retries": 0, **more})


@pytest.fixture
def encodings(monkeypatch):
    """The tokeniser's tables that LiteLLM's package brings: `tiktoken` would download them."""
    import litellm.litellm_core_utils.tokenizers as tables

    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", os.path.dirname(tables.__file__))


def test_embeddings_are_asked_by_token_arrays(encodings):
    both = embeddings().embed_documents(["index by tokens", "other"])
    assert [len(vector) for vector in both] == [8, 8]
    sent = [one for one in arrived() if one["path"].endswith("/embeddings")][-1]
    assert sent["upstream"] == "cloud"


def test_embeddings_of_a_query_and_of_documents_agree(encodings):
    assert embeddings().embed_documents(["hello", "other"])[0] == embeddings().embed_query("hello")


def test_embeddings_by_text_and_by_tokens_come_from_one_model(encodings):
    embeddings().embed_query("one index")
    embeddings(check_embedding_ctx_length=False).embed_query("one index")
    sent = [one for one in arrived() if one["path"].endswith("/embeddings")][-2:]
    assert len({(one["upstream"], one["body"]["model"]) for one in sent}) == 1


def test_token_arrays_are_decoded_for_the_local_server(encodings):
    vector = embeddings(model="local/small-model", tiktoken_model_name="text-embedding-3-small").embed_query("decode me")
    assert len(vector) == 8
    sent = [one for one in arrived() if one["path"].endswith("/embeddings") and one["upstream"] == "local"][-1]
    assert "decode me" in str(sent["body"]["input"])
