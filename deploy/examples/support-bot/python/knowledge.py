"""Finds the articles that fit a question, by BM25 (Robertson and Zaragoza, 2009): no service, no index on disk."""

import json
import math
import re
import unicodedata
from collections import Counter
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent
ARTICLES = json.loads((FOLDER / "articles.json").read_text(encoding="utf-8"))
ORDERS = json.loads((FOLDER / "orders.json").read_text(encoding="utf-8"))

ORDER_NUMBER = re.compile(r"\bTK-?\d{5}\b", re.IGNORECASE)
SPANISH = re.compile(
    r"[¿¡ñáéíóú]|\b(el|la|los|las|mi|un|una|de|que|para|con|cuando|donde|como|quiero|hola|gracias|pedido|no puedo)\b",
    re.IGNORECASE,
)

# How fast a repeated word stops to count, and how much a long article is held back; the usual values.
K1 = 1.2
B = 0.75
# A word in the title says more than one in the text.
TITLE_TIMES = 3
# Letters that tell words apart: "delivery" and "deliveries", "entrega" and "entregas" become one.
STEM = 5
FREQUENT = set(
    "the and you your for are can how what when does with have from that this there not por los las una que con para "
    "como cual cuando donde mis del hay tienen puedo".split()
)


def language_of(text: str) -> str:
    return "es" if SPANISH.search(text) else "en"


def find_order(number: str):
    wanted = re.sub(r"^TK-?", "TK-", number.upper())
    return next((order for order in ORDERS if order["number"] == wanted), None)


def words_of(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c)[0] != "M")
    return [word[:STEM] for word in re.findall(r"[a-z0-9]{3,}", plain) if word not in FREQUENT]


def _words_of_article(article) -> list[str]:
    words: list[str] = []
    for language in ("en", "es"):
        words += words_of(article["title"][language]) * TITLE_TIMES + words_of(article["text"][language])
    return words


DOCUMENTS = [(article, Counter(_words_of_article(article))) for article in ARTICLES]
MEAN_LENGTH = sum(sum(counts.values()) for _, counts in DOCUMENTS) / len(DOCUMENTS)


def _rarity(word: str) -> float:
    having = sum(1 for _, counts in DOCUMENTS if word in counts)
    return math.log(1 + (len(DOCUMENTS) - having + 0.5) / (having + 0.5))


def find_articles(question: str, most: int = 3) -> list:
    """The `most` articles that fit best, best first; those that share no word with the question are left out."""
    asked = set(words_of(question))
    scored = []
    for article, counts in DOCUMENTS:
        held = K1 * (1 - B + B * sum(counts.values()) / MEAN_LENGTH)
        score = sum(_rarity(word) * counts[word] * (K1 + 1) / (counts[word] + held) for word in asked)
        if score > 0:
            scored.append((score, article))
    scored.sort(key=lambda pair: -pair[0])
    return [article for _, article in scored[:most]]
