"""A support bot in the terminal: the plain `openai` package, pointed at the gateway."""

import os
import sys

from openai import OpenAI, OpenAIError

client = OpenAI(
    base_url=os.environ.get("SMALLFIRST_URL", "http://127.0.0.1:4100/v1"),
    api_key=os.environ.get("SUPPORT_BOT_KEY", "any"),
)

SYSTEM = (
    "You are the support bot of a pottery shop. Answer in two or three sentences, in the language of the customer. "
    "Do not invent orders, prices or promises; say when you do not know."
)

messages = [{"role": "system", "content": SYSTEM}]


def answer(question: str) -> None:
    messages.append({"role": "user", "content": question})
    raw = client.chat.completions.with_raw_response.create(
        model="auto", messages=messages, stream=True
    )
    text = ""
    for chunk in raw.parse():
        piece = (chunk.choices[0].delta.content or "") if chunk.choices else ""
        text += piece
        print(piece, end="", flush=True)
    messages.append({"role": "assistant", "content": text})
    tier = raw.headers.get("x-smallfirst-tier")
    rule = raw.headers.get("x-smallfirst-rule")
    print(f"\n  [{tier}, because of {rule}]\n> ", end="", flush=True)


print("Ask something; Ctrl+D ends.\n> ", end="", flush=True)
for line in sys.stdin:
    if not line.strip():
        continue
    try:
        answer(line.strip())
    except OpenAIError as error:
        messages.pop()
        print(f"{error}\n> ", end="", flush=True)
print()
