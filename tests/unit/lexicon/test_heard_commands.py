"""What is listened for is understood, as what it stands under."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from hassil import expression as kinds
from hassil.parse_expression import parse_sentence

from pansori.lexicon.commands import INTENTS, SpokenLanguage, Templates, heard, understand

EACH = 4  #: sentences of each template


def _say(said: object, told: Templates, rules: Mapping[str, kinds.Sentence], chance: random.Random) -> str:
    match said:
        case kinds.TextChunk():
            return said.original_text
        case kinds.Alternative():
            return _say(chance.choice(said.items), told, rules, chance)
        case kinds.Sequence():
            return "".join(_say(item, told, rules, chance) for item in said.items)
        case kinds.RuleReference():
            return _say(rules[said.rule_name].expression, told, rules, chance)
        case kinds.ListReference():
            return chance.choice(told.lists[said.list_name])
    raise TypeError(type(said).__name__)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_is_listened_for_is_understood_as_its_intent(language: SpokenLanguage) -> None:
    told = heard(language)
    rules = {name: parse_sentence(rule) for name, rule in told.rules.items()}
    chance = random.Random(1)
    missed = []
    for intent, templates in told.intents.items():
        for template in templates:
            parsed = parse_sentence(template)
            for _ in range(EACH):
                said = " ".join(_say(parsed.expression, told, rules, chance).split())
                found = understand(said)
                if found is None or found.intent != intent:
                    missed.append((said, intent, found and found.intent))
    assert not missed


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_intent_is_listened_for(language: SpokenLanguage) -> None:
    assert set(heard(language).intents) == set(INTENTS)
