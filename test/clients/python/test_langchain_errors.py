"""LangChain: errors, retries and timeouts as it shows them."""

import anthropic
import openai
import pytest
from langchain_anthropic import ChatAnthropic
from langchain_openai import ChatOpenAI

from support import KEY, MODEL, URL, all_left, mark, root


def langchain(messages=False, responses=False, **more):
    shared = {"api_key": KEY, "max_retries": 0, **more}
    if messages:
        return ChatAnthropic(base_url=root(), model="claude-sonnet-4-6", max_tokens=300, **shared)
    return ChatOpenAI(base_url=URL, model=MODEL, use_responses_api=responses, **shared)


KINDS = {
    "chat": ({}, openai.APIStatusError),
    "responses": ({"responses": True}, openai.APIStatusError),
    "messages": ({"messages": True}, anthropic.APIStatusError),
}


@pytest.mark.parametrize("status", [400, 422, 429, 500])
@pytest.mark.parametrize("kind", KINDS)
def test_langchain_shows_status_and_message(kind, status):
    more, error = KINDS[kind]
    with pytest.raises(error) as raised:
        langchain(**more).invoke(mark("error", status=status, message="Scripted words."))
    assert raised.value.status_code == status
    assert "Scripted words." in str(raised.value)


@pytest.mark.parametrize("kind", KINDS)
def test_langchains_retries_end_in_an_answer(kind):
    more, _ = KINDS[kind]
    marked = mark("error", status=500, times=1, headers={"retry-after-ms": "1"})
    assert f"langchain {kind}" in langchain(**more, max_retries=2).invoke(f"langchain {kind} {marked}").text


@pytest.mark.parametrize("kind", KINDS)
def test_langchains_timeout_stops_the_upstream(kind):
    more, _ = KINDS[kind]
    with pytest.raises((openai.APITimeoutError, anthropic.APITimeoutError)):
        langchain(**more, timeout=1).invoke(f"langchain timeout {kind} {mark('hang')}")
    all_left(f"langchain timeout {kind}")


@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_that_breaks_raises_in_langchain(kind):
    more, _ = KINDS[kind]
    with pytest.raises((openai.OpenAIError, anthropic.AnthropicError, ValueError)):
        for _ in langchain(**more).stream(f"tell me more than a little {mark('broken', how='reset', after=4)}"):
            pass
