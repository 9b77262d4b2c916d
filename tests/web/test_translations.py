"""Every text of the pages is in the Russian catalogue, translated, with all its parts and plural forms."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from flask import Flask

from app.routes.pages import words

ROOT = Path(__file__).parent.parent.parent
PARTS = re.compile(r"%\(\w+\)[sd]")
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "translate": None, "ngettext": (1, 2)}


@cache
def source() -> Catalog:
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    catalogue = Catalog()
    for name, _line, message, _comments, _context in extract_from_dir(ROOT, methods, options, KEYWORDS):
        catalogue.add(message, locations=[(name, 0)])
    return catalogue


@cache
def russian() -> Catalog:
    with (ROOT / "app/translations/ru/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale="ru")


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_the_extraction_finds_the_texts() -> None:
    assert len(source()) > 300


def test_nothing_is_untranslated_or_fuzzy() -> None:
    lacking = []
    for message in source():
        found = russian().get(message.id)
        if message.id and (found is None or found.fuzzy or not all(texts(found))):
            lacking.append(message.id)
    assert not lacking


def test_nothing_is_translated_that_is_no_longer_said() -> None:
    assert not [message.id for message in russian() if message.id and source().get(message.id) is None]


def test_every_translation_names_the_same_parts() -> None:
    odd = [
        message.id for message in russian() if message.id
        and any(set(PARTS.findall(text)) != set(PARTS.findall(
            message.id if isinstance(message.id, str) else message.id[1])) for text in texts(message))
    ]
    assert not odd


def test_numbers_have_three_forms() -> None:
    plurals = [message for message in russian() if isinstance(message.id, tuple)]
    assert plurals and all(len(texts(message)) == 3 for message in plurals)


@pytest.mark.parametrize("sentence, expected", [
    ("Order 7 is paid already; nothing was written.", "Заказ 7 уже в состоянии «оплачен»; ничего не записано."),
    ("All 8 attempts are used up. The last one: Orders has no order 7.",
     "Все попытки (8) исчерпаны. Последняя: В «Заказах» нет заказа 7."),
    ("What a person wrote: 100 %(sure)s", "What a person wrote: 100 %(sure)s"),
])
def test_the_machines_own_sentences_are_translated_too(app: Flask, sentence: str, expected: str) -> None:
    with app.test_request_context(headers={"Accept-Language": "ru"}):
        assert words.said(sentence) == expected
