"""LiteLLM's client: errors, retries and timeouts as it shows them."""

import litellm
import pytest

from support import KEY, MODEL, URL, all_left, mark, root

CLASSES = {
    400: litellm.BadRequestError,
    404: litellm.NotFoundError,
    429: litellm.RateLimitError,
    500: litellm.InternalServerError,
    503: litellm.ServiceUnavailableError,
}
LITELLM = {
    "openai": {"model": f"openai/{MODEL}", "api_base": URL},
    "anthropic": {"model": "anthropic/claude-sonnet-4-6", "api_base": root()},
}


def complete(provider, content, **more):
    asked = {**LITELLM[provider], "api_key": KEY, "num_retries": 0, "max_retries": 0, **more}
    return litellm.completion(**asked, messages=[{"role": "user", "content": content}])


@pytest.mark.parametrize("status", CLASSES)
@pytest.mark.parametrize("provider", LITELLM)
def test_litellm_raises_the_class_of_the_status(provider, status):
    # Anthropic's API says 529 for an overloaded server, which LiteLLM has no class for.
    overloaded = provider == "anthropic" and status == 503
    with pytest.raises(litellm.InternalServerError if overloaded else CLASSES[status]) as raised:
        complete(provider, mark("error", status=status, message="Scripted words."))
    assert "Scripted words." in str(raised.value)


@pytest.mark.parametrize("provider", LITELLM)
def test_litellms_retries_end_in_an_answer(provider):
    marked = mark("error", status=500, times=1)
    answer = complete(provider, f"litellm {provider} {marked}", num_retries=2)
    assert f"litellm {provider}" in answer.choices[0].message.content


@pytest.mark.parametrize("provider", LITELLM)
def test_litellms_timeout_stops_the_upstream(provider):
    with pytest.raises(litellm.Timeout):
        complete(provider, f"litellm timeout {provider} {mark('hang')}", timeout=1)
    all_left(f"litellm timeout {provider}")
