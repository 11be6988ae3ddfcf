"""Reads lines of JSON, `[grammar, [text, …]]`, and says of each text whether Lark takes it; null for a grammar that it refuses."""

import json
import sys

from lark import Lark
from lark.exceptions import GrammarError, LarkError, UnexpectedInput


def says(definition, texts):
    try:
        grammar = Lark(definition, parser="earley", lexer="dynamic_complete", ambiguity="forest")
    except GrammarError:
        return None
    return [takes(grammar, text) for text in texts]


def takes(grammar, text):
    try:
        grammar.parse(text)
    except (UnexpectedInput, LarkError):
        return False
    return True


for line in sys.stdin:
    print(json.dumps(says(*json.loads(line))), flush=False)
