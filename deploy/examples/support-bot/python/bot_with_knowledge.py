"""The support bot of the pottery shop: answers from articles, looks up orders, hands over to a person, streams, takes thumbs.

Which model answers is the gateway's affair; what the bot reads of it stands in the answer's headers.
"""

import json
import os
import re
import sys
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone

from openai import APIError, OpenAI, OpenAIError

from knowledge import ORDER_NUMBER, find_articles, find_order, language_of

# Who takes over, by the policy's domain that the message belongs to.
TAKES_OVER = {
    "injury": "product safety",
    "danger": "product safety",
    "self-harm": "the person on duty",
    "allergy": "product safety",
    "discrimination": "complaints",
    "fraud": "the fraud desk",
    "legal-threat": "the legal department",
    "payment-dispute": "accounting",
    "data-protection": "the data protection officer",
    "angry-customer": "a senior agent",
    "repeated-contact": "the agent of the case",
    "bot-anger": "any agent",
    "contact-person": "any agent",
}

# Costly, and like none of them.
AT_STAKE = "stakes-need-large"

SYSTEM = (
    "You are the support bot of Torno y Kiln, a pottery shop. Answer in at most three sentences, in the language of the "
    "customer, and only from what is written below. If it is not there, say so and call hand_over or offer a person. "
    "Promise nothing. Where somebody is hurt or in danger: emergency services first (112)."
)

WAITING = {
    "en": "A colleague has your case and will write to you here.",
    "es": "Un compañero tiene su caso y le escribirá aquí.",
}


def _tool(name: str, description: str, properties: dict) -> dict:
    parameters = {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


TOOLS = [
    _tool("order_status", "Where an order is", {"number": {"type": "string", "description": "Such as TK-10482"}}),
    _tool("hand_over", "Gives the conversation to a person, with the reason", {"reason": {"type": "string"}}),
]

# Three sentences are fewer; a model that goes on has lost the thread.
MOST_TOKENS = 300
# Rounds of tool calls in one turn; a model that asks for more is going in circles.
MOST_ROUNDS = 3


@dataclass
class Conversation:
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    messages: list = field(default_factory=list)
    # A person has it: the bot says no more than that.
    is_handed_over: bool = False
    # Of the last answer, for a thumb.
    last_request: str | None = None


@dataclass
class Reply:
    text: str
    tier: str | None = None
    rule: str | None = None
    # Who takes over; None = nobody needs to.
    handed_to: str | None = None


class Bot:
    def __init__(self, base_url: str, api_key: str, handovers: str):
        self.client = OpenAI(base_url=base_url, api_key=api_key)
        self.handovers = handovers

    def say(self, talk: Conversation, question: str, on_text=lambda piece: None) -> Reply:
        """Answers the customer's next message; `on_text` gets the answer while it comes."""
        language = language_of(question)
        if talk.is_handed_over:
            on_text(WAITING[language])
            return Reply(WAITING[language])
        before = len(talk.messages)
        talk.messages.append({"role": "user", "content": question})
        try:
            return self._turn(talk, question, on_text)
        except OpenAIError:
            del talk.messages[before:]
            raise

    def feedback(self, talk: Conversation, score: int, comment: str | None = None) -> None:
        """A thumb for the last answer, or a hand-over: both stand beside the request in the ledger."""
        if talk.last_request is None:
            return
        body = {"request_id": talk.last_request, "score": score}
        if comment is not None:
            body["comment"] = comment
        self.client.post("/feedback", body=body, cast_to=object)

    def warning(self) -> str | None:
        """A sentence where the small model is one that only proves that things work."""
        for model in self.client.models.list():
            if re.match(r"local/.*(tinyllama|smollm2?-(135|360)m)", model.id, re.IGNORECASE):
                return f"The small model is {model.id}: it proves that things work, and its answers are not for customers."
        return None

    def _turn(self, talk: Conversation, question: str, on_text) -> Reply:
        language = language_of(question)
        first = None
        rounds = 0
        while True:
            rounds += 1
            text, calls, headers = self._ask_with_tools(talk, question, on_text)
            # A tool's result is no message of the customer's: what was recognised before it counts.
            first = headers if first is None else first
            talk.last_request = headers.get("x-request-id")
            reason = next((call["arguments"] for call in calls if call["name"] == "hand_over"), None)
            if calls and reason is None and rounds < MOST_ROUNDS:
                talk.messages += _results_of(text, calls, language)
                continue
            talk.messages.append({"role": "assistant", "content": text})
            rule = first.get("x-smallfirst-rule")
            handed_to = _who_takes_over(first) or ("any agent" if reason is not None else None)
            if handed_to is not None:
                self._hand_over(talk, handed_to, reason or rule or "", language)
                on_text("\n" + WAITING[language])
            return Reply(text, headers.get("x-smallfirst-tier"), rule, handed_to)

    def _ask_with_tools(self, talk: Conversation, question: str, on_text):
        """Tools are offered where there is an order to look up; where no model here can use them, it is in the prompt."""
        if not ORDER_NUMBER.search(question):
            return self._ask(talk, question, on_text, tools=False)
        try:
            return self._ask(talk, question, on_text, tools=True)
        except APIError as error:
            if error.code != "policy_not_capable":
                raise
            return self._ask(talk, question, on_text, tools=False)

    def _ask(self, talk: Conversation, question: str, on_text, tools: bool):
        raw = self.client.chat.completions.with_raw_response.create(
            model="auto",
            messages=[{"role": "system", "content": _system_for(question, tools)}, *talk.messages],
            stream=True,
            max_tokens=MOST_TOKENS,
            # The conversation's own name: the gateway keeps it with its model, and two customers apart.
            extra_headers={"x-session-id": talk.id},
            **({"tools": TOOLS} if tools else {}),
        )
        text = ""
        calls: dict[int, dict] = {}
        for chunk in raw.parse():
            if not chunk.choices:
                continue
            delta = chunk.choices[0].delta
            for part in delta.tool_calls or []:
                call = calls.setdefault(part.index, {"id": "", "name": "", "arguments": ""})
                call["id"] = call["id"] or part.id or ""
                if part.function is not None:
                    call["name"] += part.function.name or ""
                    call["arguments"] += part.function.arguments or ""
            if delta.content:
                text += delta.content
                on_text(delta.content)
        return text, [call for call in calls.values() if call["name"]], raw.headers

    def _hand_over(self, talk: Conversation, to: str, because: str, language: str) -> None:
        talk.is_handed_over = True
        line = {
            "at": datetime.now(timezone.utc).isoformat(),
            "conversation": talk.id,
            "request": talk.last_request,
            "to": to,
            "because": because,
        }
        with open(self.handovers, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self.feedback(talk, 0, f"handed over to {to}")


def _who_takes_over(headers) -> str | None:
    known = TAKES_OVER.get(headers.get("x-smallfirst-domain", ""))
    return known or ("the person on duty" if headers.get("x-smallfirst-rule") == AT_STAKE else None)


def _system_for(question: str, has_tools: bool) -> str:
    language = language_of(question)
    number = ORDER_NUMBER.search(question)
    order = [_order_text(number.group(), language)] if number and not has_tools else []
    notes = [f"{article['title'][language]}: {article['text'][language]}" for article in find_articles(question)]
    return "\n\n".join([SYSTEM, *order, *notes])


def _order_text(number: str, language: str) -> str:
    order = find_order(number)
    return f"There is no order {number}." if order is None else f"{order['number']} {order['says'][language]}."


def _results_of(text: str, calls: list, language: str) -> list:
    asked = [
        {"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": call["arguments"]}}
        for call in calls
    ]
    results = []
    for call in calls:
        number = ORDER_NUMBER.search(call["arguments"])
        content = _order_text(number.group() if number else "", language)
        results.append({"role": "tool", "tool_call_id": call["id"], "content": content})
    return [{"role": "assistant", "content": text or None, "tool_calls": asked}, *results]


def main() -> None:
    bot = Bot(
        base_url=os.environ.get("SMALLFIRST_URL", "http://127.0.0.1:4100/v1"),
        api_key=os.environ.get("SUPPORT_BOT_KEY", "any"),
        handovers="handovers.jsonl",
    )
    warned = bot.warning()
    if warned:
        print(warned, file=sys.stderr)
    talk = Conversation()
    print("Ask something; + or - judges the last answer, Ctrl+D ends.\n> ", end="", flush=True)
    for line in sys.stdin:
        said = line.strip()
        try:
            if said in ("+", "-"):
                bot.feedback(talk, 1 if said == "+" else -1)
            elif said:
                bot.say(talk, said, lambda piece: print(piece, end="", flush=True))
        except OpenAIError as error:
            print(error, end="")
        print("\n> ", end="", flush=True)


if __name__ == "__main__":
    main()
