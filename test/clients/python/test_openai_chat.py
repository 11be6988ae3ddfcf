"""The official `openai` package: chat and text completions, whole and streamed, sync and async."""

import asyncio
import json

import pytest
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel

from support import KEY, MODEL, PIXEL, URL, all_left, arrived, mark, slowly

client = OpenAI(base_url=URL, api_key=KEY, max_retries=0)


class Person(BaseModel):
    name: str
    age: int


def ask(content, model=MODEL, **more):
    messages = content if isinstance(content, list) else [{"role": "user", "content": content}]
    return client.chat.completions.create(model=model, messages=messages, **more)


def test_a_whole_answer_has_text_usage_and_finish_reason():
    answer = ask("hello")
    assert "hello" in answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.object == "chat.completion"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


@pytest.mark.parametrize(
    ("model", "tier", "answers"),
    [
        ("auto", "small", "small-model"),
        ("small", "small", "small-model"),
        ("large", "large", "gpt-4o"),
        ("local/small-model", "small", "small-model"),
        ("cloud/gpt-4o-mini", "large", "gpt-4o-mini"),
        ("cloud/org/model:7b", "large", "org/model:7b"),
    ],
)
def test_the_headers_say_which_model_answered(model, tier, answers):
    raw = client.chat.completions.with_raw_response.create(
        model=model, messages=[{"role": "user", "content": "hello"}]
    )
    assert raw.headers["x-smallfirst-tier"] == tier
    assert raw.headers["x-smallfirst-model"] == answers
    assert raw.headers["x-request-id"].startswith("req_")
    assert raw.parse().model == answers


def test_the_request_id_is_on_the_answer():
    assert ask("hello")._request_id.startswith("req_")


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hello"}],
        [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "hello"}],
        [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yes"}, {"role": "user", "content": "hello"}],
        [{"role": "user", "name": "ann", "content": "hello"}],
        [{"role": "user", "content": [{"type": "text", "text": "hello"}, {"type": "text", "text": "again"}]}],
        [{"role": "user", "content": [
            {"type": "text", "text": "hello"},
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
        ]}],
        [{"role": "user", "content": "hello"}, {"role": "assistant", "content": None, "refusal": "No."}, {"role": "user", "content": "hello"}],
    ],
    ids=["system", "developer", "assistant", "name", "parts", "picture", "refusal"],
)
def test_turns_of_every_kind_are_answered(messages):
    assert "hello" in ask(messages).choices[0].message.content


@pytest.mark.parametrize(
    "more",
    [
        {"max_tokens": 50},
        {"max_completion_tokens": 50},
        {"temperature": 0.2, "top_p": 0.9},
        {"stop": "END"},
        {"stop": ["A", "B", "C", "D"]},
        {"seed": 7},
        {"presence_penalty": 0.5, "frequency_penalty": -0.5},
        {"logit_bias": {"50256": -100}},
        {"user": "ann", "metadata": {"a": "b"}, "store": False},
        {"extra_body": {"unknown_member": {"a": 1}}},
        {"extra_headers": {"x-own": "1"}, "extra_query": {"a": "b"}},
    ],
    ids=lambda more: "+".join(more),
)
def test_parameters_are_accepted(more):
    assert "hello" in ask("hello", **more).choices[0].message.content


def test_several_choices_come_back():
    assert [choice.index for choice in ask("hello", n=3, model="large").choices] == [0, 1, 2]


def test_log_probabilities_come_back():
    choice = ask("hello", logprobs=True, top_logprobs=2, model="large").choices[0]
    assert choice.logprobs.content[0].top_logprobs


def test_a_json_object_is_json():
    answer = ask("Answer in JSON.", response_format={"type": "json_object"})
    assert json.loads(answer.choices[0].message.content)


@pytest.mark.parametrize("model", [MODEL, "small", "large"])
def test_parse_gives_a_value_of_the_schema(model):
    answer = client.chat.completions.parse(
        model=model, messages=[{"role": "user", "content": "Who?"}], response_format=Person
    )
    assert isinstance(answer.choices[0].message.parsed, Person)


def test_a_refusal_is_one():
    message = ask(mark(refusal="I cannot.")).choices[0].message
    assert (message.refusal, message.content) == ("I cannot.", None)


@pytest.mark.parametrize("model", [MODEL, "small", "large"])
def test_a_stream_gives_pieces_that_make_the_text(model):
    chunks = list(ask("hello there", model=model, stream=True))
    pieces = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "hello there" in "".join(pieces)
    assert sum(piece != "" for piece in pieces) > 2
    assert len({chunk.id for chunk in chunks}) == 1
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"


def test_a_stream_has_usage_only_if_asked():
    assert all(chunk.usage is None for chunk in ask("hello", stream=True))
    last = list(ask("hello", stream=True, stream_options={"include_usage": True}))[-1]
    assert last.choices == []
    assert last.usage.total_tokens > 0


def test_the_stream_helper_gathers_the_answer():
    with client.chat.completions.stream(model=MODEL, messages=[{"role": "user", "content": "hello"}]) as stream:
        types = {event.type for event in stream}
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= types
    assert "hello" in final.choices[0].message.content


def test_the_stream_helper_parses():
    with client.chat.completions.stream(
        model=MODEL, messages=[{"role": "user", "content": "Who?"}], response_format=Person
    ) as stream:
        final = stream.get_final_completion()
    assert isinstance(final.choices[0].message.parsed, Person)


def test_a_raw_stream_has_the_headers_before_the_first_chunk():
    with client.chat.completions.with_streaming_response.create(
        model=MODEL, messages=[{"role": "user", "content": "hello"}], stream=True
    ) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["x-smallfirst-tier"] == "small"
        assert list(response.iter_lines())[-2:] == ["data: [DONE]", ""]


def test_leaving_a_stream_stops_the_upstream():
    stream = ask(slowly("python leaves"), stream=True)
    next(iter(stream))
    stream.close()
    all_left("python leaves")


def test_reasoning_is_passed_on():
    message = ask(mark(reasoning="Hm.", text="Yes.")).choices[0].message
    assert message.content == "Yes."
    assert message.model_extra["reasoning_content"] == "Hm."


def test_text_completions_are_answered_whole_and_streamed():
    asked = {"model": "gpt-3.5-turbo-instruct", "prompt": "hello", "max_tokens": 20}
    whole = client.completions.create(**asked).choices[0].text
    pieces = [chunk.choices[0].text for chunk in client.completions.create(**asked, stream=True) if chunk.choices]
    assert whole != ""
    assert "".join(pieces) == whole


def test_the_callers_key_stays_here():
    ask("python key", model="large")
    assert arrived("python key")[-1]["headers"]["authorization"] == "Bearer test-key"


class TestAsync:
    """`AsyncOpenAI`, each case in a loop of its own."""

    @staticmethod
    def run(work):
        async def within():
            async with AsyncOpenAI(base_url=URL, api_key=KEY, max_retries=0) as one:
                return await work(one)

        return asyncio.run(within())

    def test_whole(self):
        async def work(one):
            return await one.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "hello"}])

        assert "hello" in self.run(work).choices[0].message.content

    def test_streamed(self):
        async def work(one):
            stream = await one.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": "hello"}], stream=True
            )
            return [chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices]

        assert "hello" in "".join(self.run(work))

    def test_twenty_at_once(self):
        async def work(one):
            async def each(index):
                answer = await one.chat.completions.create(
                    model=MODEL, messages=[{"role": "user", "content": f"number {index}."}]
                )
                return answer.choices[0].message.content

            return await asyncio.gather(*(each(index) for index in range(20)))

        assert all(f"number {index}." in text for index, text in enumerate(self.run(work)))

    def test_a_cancelled_task_stops_the_upstream(self):
        async def work(one):
            task = asyncio.ensure_future(
                one.chat.completions.create(
                    model=MODEL, messages=[{"role": "user", "content": f"python cancels {mark('hang')}"}]
                )
            )
            while not await asyncio.to_thread(arrived, "python cancels"):
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

        self.run(work)
        all_left("python cancels")
