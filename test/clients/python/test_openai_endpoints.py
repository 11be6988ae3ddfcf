"""The official `openai` package: embeddings, models, and routes beside chat."""

import math

import openai
import pytest
from openai import OpenAI

from support import KEY, URL, arrived

client = OpenAI(base_url=URL, api_key=KEY, max_retries=0)
EMBEDDING = "text-embedding-3-small"


def embed(inputs, **more):
    return client.embeddings.create(model=EMBEDDING, input=inputs, **more)


@pytest.mark.parametrize("encoding", [None, "float", "base64"])
def test_one_text_is_one_unit_vector(encoding):
    answer = embed("hello", **({} if encoding is None else {"encoding_format": encoding}))
    vector = answer.data[0].embedding
    if encoding == "base64":
        assert isinstance(vector, str)
    else:
        assert math.isclose(sum(x * x for x in vector), 1, rel_tol=1e-3)
    assert answer.usage.total_tokens > 0
    assert answer.model == EMBEDDING


def test_several_texts_are_in_order():
    both = embed(["one", "two"]).data
    assert [each.index for each in both] == [0, 1]
    assert both[1].embedding == embed("two").data[0].embedding


def test_dimensions_are_respected():
    assert len(embed("hello", dimensions=4).data[0].embedding) == 4


@pytest.mark.parametrize("inputs", [[15339, 1917], [[15339], [1917, 0]]], ids=["tokens", "lists of tokens"])
def test_token_arrays_are_embedded(inputs):
    answer = embed(inputs)
    assert len(answer.data) == (2 if isinstance(inputs[0], list) else 1)


def test_the_same_name_always_reaches_the_same_upstream():
    for text in ("index me", "index me too, please"):
        embed(text)
    sent = [one for one in arrived("index me") if one["path"].endswith("/embeddings")]
    assert len({(one["upstream"], one["body"]["model"]) for one in sent}) == 1


@pytest.mark.parametrize("inputs", ["", [], {"a": 1}], ids=["empty", "none", "an object"])
def test_bad_inputs_are_refused_with_the_parameter(inputs):
    with pytest.raises(openai.BadRequestError) as raised:
        embed(inputs)
    assert raised.value.param == "input"


def test_models_are_listed():
    names = [model.id for model in client.models.list()]
    assert {"auto", "small", "large", "gpt-4o"} <= set(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", ["auto", "small", "gpt-4o", "local/small-model", "org/model:7b"])
def test_a_model_is_retrieved(name):
    model = client.models.retrieve(name)
    assert (model.id, model.object) == (name, "model")


def test_an_unknown_model_is_not_found():
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nobody/knows-it")


def test_moderations_reach_the_cloud():
    answer = client.moderations.create(input="hello", model="omni-moderation-latest")
    assert answer.results[0].flagged is False


def test_files_are_uploaded_and_read():
    made = client.files.create(file=("a.jsonl", b'{"a": 1}\n'), purpose="batch")
    assert client.files.retrieve(made.id).filename == "a.jsonl"
    assert client.files.content(made.id).read() == b'{"a": 1}\n'
    assert client.files.delete(made.id).deleted is True


def test_speech_is_bytes():
    assert client.audio.speech.create(model="tts-1", voice="alloy", input="hello").read()


def test_pictures_are_made():
    assert client.images.generate(model="gpt-image-1", prompt="A dot.").data


def test_an_unknown_route_is_not_found():
    with pytest.raises(openai.NotFoundError):
        client.post("/nothing/here", cast_to=object, body={})
