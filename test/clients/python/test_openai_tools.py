"""The official `openai` package: tools, whole and streamed, and their results."""

import json

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

from support import KEY, MODEL, URL, WEATHER_SCHEMA, arrived, mark

client = OpenAI(base_url=URL, api_key=KEY, max_retries=0)


class GetWeather(BaseModel):
    """The weather of a city."""

    city: str


def tool(name, **more):
    return {"type": "function", "function": {"name": name, "parameters": WEATHER_SCHEMA, **more}}


TOOLS = [tool("get_weather"), tool("get_news", description="News of a city", strict=True)]
CHOICES = {
    "auto": ("use get_weather", {}, ["get_weather"]),
    "none-fits": ("hello", {"tool_choice": "auto"}, []),
    "parallel": ("use get_weather and get_news", {}, ["get_weather", "get_news"]),
    "not-parallel": ("use get_weather", {"parallel_tool_calls": False}, ["get_weather"]),
    "required": ("hello", {"tool_choice": "required"}, ["get_weather"]),
    "named": ("hello", {"tool_choice": {"type": "function", "function": {"name": "get_news"}}}, ["get_news"]),
    "none": ("use get_weather", {"tool_choice": "none"}, []),
}


def ask(content, **more):
    messages = content if isinstance(content, list) else [{"role": "user", "content": content}]
    return client.chat.completions.create(**{"model": MODEL, "messages": messages, "tools": TOOLS, **more})


@pytest.mark.parametrize("choice", CHOICES)
def test_whole(choice):
    text, more, called = CHOICES[choice]
    message = ask(text, **more).choices[0].message
    calls = message.tool_calls or []
    assert [call.function.name for call in calls] == called
    assert [json.loads(call.function.arguments) for call in calls] == [{"city": "text"}] * len(called)
    assert len({call.id for call in calls}) == len(called)


@pytest.mark.parametrize("choice", CHOICES)
def test_streamed(choice):
    text, more, called = CHOICES[choice]
    names, arguments = {}, {}
    for chunk in ask(text, stream=True, **more):
        for call in chunk.choices[0].delta.tool_calls or [] if chunk.choices else []:
            names[call.index] = names.get(call.index) or call.function.name
            arguments[call.index] = arguments.get(call.index, "") + (call.function.arguments or "")
    assert list(names.values()) == called
    assert [json.loads(text) for text in arguments.values()] == [{"city": "text"}] * len(called)


def test_the_stream_helper_parses_arguments():
    tools = [openai.pydantic_function_tool(GetWeather)]
    with client.chat.completions.stream(
        model=MODEL, messages=[{"role": "user", "content": "use GetWeather"}], tools=tools
    ) as stream:
        call = stream.get_final_completion().choices[0].message.tool_calls[0]
    assert call.function.parsed_arguments == GetWeather(city="text")


@pytest.mark.parametrize("model", ["small", "large"])
def test_results_come_back_to_the_calls(model):
    turns = [{"role": "user", "content": "use get_weather and get_news"}]
    called = ask(turns, model=model).choices[0].message
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": f"of {call.function.name}"} for call in called.tool_calls
    ]
    answer = ask([*turns, called, *results], model=model).choices[0].message
    assert answer.content
    assert not answer.tool_calls
    sent = arrived("use get_weather and get_news")[-1]["body"]["messages"]
    assert [turn["tool_call_id"] for turn in sent if turn["role"] == "tool"] == [
        call["id"] for call in sent[1]["tool_calls"]
    ]


def test_calls_of_one_model_are_understood_by_the_other():
    turns = [{"role": "user", "content": "use get_weather between models"}]
    called = ask(turns, model="small").choices[0].message
    result = {"role": "tool", "tool_call_id": called.tool_calls[0].id, "content": "21 degrees"}
    assert ask([*turns, called, result], model="large").choices[0].message.content
    sent = arrived("between models")[-1]
    assert sent["upstream"] == "cloud"
    assert sent["body"]["messages"][1]["tool_calls"][0]["id"] == sent["body"]["messages"][2]["tool_call_id"]
    assert len(sent["body"]["messages"][2]["tool_call_id"]) <= 40


def test_a_foreign_id_of_any_length_reaches_the_cloud_fitted():
    identity = "chatcmpl-tool-" + "0123456789abcdef" * 4
    call = {"id": identity, "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}
    turns = [
        {"role": "user", "content": "fit the id"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": identity, "content": "21"},
    ]
    assert ask(turns, model="large").choices[0].message.content
    sent = arrived("fit the id")[-1]["body"]["messages"]
    assert sent[1]["tool_calls"][0]["id"] == sent[2]["tool_call_id"]
    assert len(sent[2]["tool_call_id"]) <= 40


def test_parsed_arguments_of_a_pydantic_tool():
    answer = client.chat.completions.parse(
        model=MODEL,
        messages=[{"role": "user", "content": "use GetWeather"}],
        tools=[openai.pydantic_function_tool(GetWeather)],
    )
    assert answer.choices[0].message.tool_calls[0].function.parsed_arguments == GetWeather(city="text")


def test_scripted_arguments_arrive_unchanged():
    arguments = {"city": "Zürich \u2603 \"quoted\" \\ \n end"}
    scripted = mark(tools=[{"name": "get_weather", "arguments": arguments}])
    for stream in (False, True):
        answer = ask(scripted, stream=stream)
        if stream:
            pieces = [
                call.function.arguments or ""
                for chunk in answer if chunk.choices for call in chunk.choices[0].delta.tool_calls or []
            ]
            assert json.loads("".join(pieces)) == arguments
        else:
            assert json.loads(answer.choices[0].message.tool_calls[0].function.arguments) == arguments


def test_the_old_functions_are_called():
    answer = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": "use get_weather"}],
        functions=[{"name": "get_weather", "parameters": WEATHER_SCHEMA}],
    )
    assert answer.choices[0].finish_reason == "function_call"
    assert answer.choices[0].message.function_call.name == "get_weather"
