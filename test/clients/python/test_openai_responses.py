"""The official `openai` package: `/v1/responses`, passed on, by way of chat, and across models."""

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

from support import KEY, MIXED_URL, MODEL, URL, WEATHER_SCHEMA, arrived, mark

CLIENTS = {
    "passed-on": OpenAI(base_url=URL, api_key=KEY, max_retries=0),
    "by-way-of-chat": OpenAI(base_url=MIXED_URL, api_key=KEY, max_retries=0),
}
TOOLS = [{"type": "function", "name": "get_weather", "parameters": WEATHER_SCHEMA, "strict": True}]


class Person(BaseModel):
    name: str
    age: int


@pytest.fixture(params=CLIENTS)
def client(request):
    return CLIENTS[request.param]


def calls_of(response):
    return [item for item in response.output if item.type == "function_call"]


def test_a_text_comes_back_with_usage(client):
    response = client.responses.create(model=MODEL, input="hello")
    assert "hello" in response.output_text
    assert (response.status, response.object) == ("completed", "response")
    assert response.usage.total_tokens > 0
    assert response._request_id.startswith("req_")


@pytest.mark.parametrize(
    "asked",
    [
        {"input": [{"role": "user", "content": "hello"}]},
        {"input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hello"}]}]},
        {"input": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "hello"}]},
        {"input": "hello", "instructions": "Be brief."},
        {"input": "hello", "max_output_tokens": 64, "temperature": 0.1, "metadata": {"a": "b"}},
        {"input": "hello", "reasoning": {"effort": "low"}, "include": ["reasoning.encrypted_content"], "store": False},
    ],
    ids=["messages", "parts", "developer", "instructions", "limits", "reasoning"],
)
def test_inputs_of_every_kind_are_answered(client, asked):
    assert "hello" in client.responses.create(model=MODEL, **asked).output_text


def test_the_events_of_a_stream_are_in_order(client):
    events = list(client.responses.create(model=MODEL, input="hello", stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[0].type == "response.created"
    assert events[-1].type == "response.completed"
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == events[-1].response.output_text


def test_the_stream_helper_gathers_the_answer(client):
    with client.responses.stream(model=MODEL, input="hello") as stream:
        for _ in stream:
            pass
        assert "hello" in stream.get_final_response().output_text


def test_parse_gives_a_value_of_the_schema(client):
    response = client.responses.parse(model=MODEL, input="Who?", text_format=Person)
    assert isinstance(response.output_parsed, Person)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_tool_is_called_and_its_result_understood(client, stream):
    turns = [{"role": "user", "content": "use get_weather"}]
    if stream:
        with client.responses.stream(model=MODEL, input=turns, tools=TOOLS) as events:
            for _ in events:
                pass
            first = events.get_final_response()
    else:
        first = client.responses.create(model=MODEL, input=turns, tools=TOOLS)
    (call,) = calls_of(first)
    assert call.arguments == '{"city":"text"}'
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "21 degrees"}
    items = [item.model_dump(exclude_none=True, exclude={"parsed_arguments"}) for item in first.output]
    second = client.responses.create(model=MODEL, input=[*turns, *items, result], tools=TOOLS)
    assert second.output_text


def test_a_response_is_retrieved_listed_and_deleted(client):
    made = client.responses.create(model=MODEL, input="hello")
    assert client.responses.retrieve(made.id).output_text == made.output_text
    assert "hello" in str(client.responses.input_items.list(made.id).data)
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)


@pytest.mark.parametrize("status", [400, 429, 500])
def test_an_upstreams_status_is_its_own_class(client, status):
    with pytest.raises(openai.APIStatusError) as raised:
        client.responses.create(model=MODEL, input=mark("error", status=status, message="Scripted words."))
    assert raised.value.status_code == status
    assert "Scripted words." in raised.value.message


def answered(client, stream, **asked):
    """The whole response, by either way."""
    if not stream:
        return client.responses.create(**asked)
    events = list(client.responses.create(**asked, stream=True))
    assert events[-1].type == "response.completed"
    return events[-1].response


class TestAcrossModels:
    """Two turns and more, each answered by another model. What reaches the cloud is valid by OpenAI's schema."""

    @pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
    @pytest.mark.parametrize("store", [False, True], ids=["unstored", "stored"])
    @pytest.mark.parametrize("gateway", CLIENTS)
    def test_items_of_the_small_model_go_on_at_the_large(self, gateway, store, stream):
        client, name = CLIENTS[gateway], f"items {gateway} {store} {stream}"
        turns = [{"role": "user", "content": f"{name} one {mark(reasoning='Hm.', text='Yes.')}"}]
        first = answered(client, stream, model="small", input=turns, store=store)
        items = [item.model_dump(exclude_none=True) for item in first.output]
        second = answered(
            client, stream, model="large", store=store,
            input=[*turns, *items, {"role": "user", "content": f"{name} two"}],
        )
        assert f"{name} two" in second.output_text
        self.valid_at_the_cloud(client, f"{name} two", "Yes.")

    @pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
    @pytest.mark.parametrize("gateway", CLIENTS)
    def test_previous_response_id_goes_on_at_the_large(self, gateway, stream):
        client, name = CLIENTS[gateway], f"previous {gateway} {stream}"
        first = answered(client, stream, model="small", input=f"{name} one {mark(text='Yes.')}")
        second = answered(client, stream, model="large", input=f"{name} two", previous_response_id=first.id)
        assert f"{name} two" in second.output_text
        assert second.previous_response_id == first.id
        if gateway == "by-way-of-chat":
            self.valid_at_the_cloud(client, f"{name} two", "Yes.")

    @pytest.mark.parametrize("by", ["items", "id"])
    def test_a_call_of_the_small_model_is_answered_by_the_large(self, by):
        client, name = CLIENTS["by-way-of-chat"], f"call {by}"
        turns = [{"role": "user", "content": f"{name} use get_weather"}]
        first = client.responses.create(model="small", input=turns, tools=TOOLS)
        (call,) = calls_of(first)
        result = {"type": "function_call_output", "call_id": call.call_id, "output": "21 degrees"}
        more = {"previous_response_id": first.id, "input": [result]}
        if by == "items":
            more = {"input": [*turns, *(item.model_dump(exclude_none=True) for item in first.output), result]}
        second = client.responses.create(model="large", tools=TOOLS, **more)
        assert second.output_text
        sent = [one for one in arrived(name, MIXED_URL) if one["upstream"] == "cloud"][-1]
        assert sent["problems"] == []
        made = next(item for item in sent["body"]["input"] if item.get("type") == "function_call")
        given = next(item for item in sent["body"]["input"] if item.get("type") == "function_call_output")
        assert made["call_id"] == given["call_id"]

    def test_items_go_on_from_large_to_small_to_large(self):
        client, turns = CLIENTS["by-way-of-chat"], []
        for turn, model in enumerate(["large", "small", "large"]):
            turns.append({"role": "user", "content": f"to and fro, turn {turn}"})
            response = client.responses.create(model=model, input=turns)
            assert f"turn {turn}" in response.output_text
            turns += [item.model_dump(exclude_none=True) for item in response.output]
        sent = arrived("to and fro, turn 2", MIXED_URL)[-1]
        assert (sent["upstream"], sent["problems"]) == ("cloud", [])

    def test_a_conversation_that_the_cloud_stores_stays_there(self):
        client = CLIENTS["by-way-of-chat"]
        first = client.responses.create(model="large", input="stored one")
        second = client.responses.create(model="auto", input="stored two", previous_response_id=first.id)
        assert "stored two" in second.output_text
        assert arrived("stored two", MIXED_URL)[-1]["body"]["previous_response_id"] == first.id

    def test_a_model_that_lacks_the_stored_conversation_says_so(self):
        client = CLIENTS["by-way-of-chat"]
        first = client.responses.create(model="large", input="hello")
        with pytest.raises(openai.APIStatusError, match="state is held by cloud"):
            client.responses.create(model="small", input="hello", previous_response_id=first.id)

    @staticmethod
    def valid_at_the_cloud(client, text, said):
        sent = arrived(text, str(client.base_url).rstrip("/"))[-1]
        assert sent["upstream"] == "cloud"
        assert sent["path"] == "/v1/responses"
        assert sent["problems"] == []
        assert said in str(sent["body"]["input"])
        assert all(item.get("type") != "reasoning" for item in sent["body"]["input"])
