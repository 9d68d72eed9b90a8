"""Korean predicates in their endings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.lexicon.conjugation import conjugate, predicate
from pansori.lexicon.hangul import is_block

FORMS = ("어", "었네", "네", "고", "으면", "ㄹ까", "ㄴ")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("가다", "가 갔네 가네 가고 가면 갈까 간"),
        ("오다", "와 왔네 오네 오고 오면 올까 온"),
        ("쓰다", "써 썼네 쓰네 쓰고 쓰면 쓸까 쓴"),
        ("기쁘다", "기뻐 기뻤네 기쁘네 기쁘고 기쁘면 기쁠까 기쁜"),
        ("아프다", "아파 아팠네 아프네 아프고 아프면 아플까 아픈"),
        ("흐르다|르", "흘러 흘렀네 흐르네 흐르고 흐르면 흐를까 흐른"),
        ("모르다|르", "몰라 몰랐네 모르네 모르고 모르면 모를까 모른"),
        ("춥다|ㅂ", "추워 추웠네 춥네 춥고 추우면 추울까 추운"),
        ("돕다|ㅂ", "도와 도왔네 돕네 돕고 도우면 도울까 도운"),
        ("걷다|ㄷ", "걸어 걸었네 걷네 걷고 걸으면 걸을까 걸은"),
        ("짓다|ㅅ", "지어 지었네 짓네 짓고 지으면 지을까 지은"),
        ("살다", "살아 살았네 사네 살고 살면 살까 산"),
        ("앉다", "앉아 앉았네 앉네 앉고 앉으면 앉을까 앉은"),
        ("두드리다", "두드려 두드렸네 두드리네 두드리고 두드리면 두드릴까 두드린"),
        ("노래하다", "노래해 노래했네 노래하네 노래하고 노래하면 노래할까 노래한"),
        ("되다", "돼 됐네 되네 되고 되면 될까 된"),
        ("피우다", "피워 피웠네 피우네 피우고 피우면 피울까 피운"),
        ("봄이다|이", "봄이야 봄이었네 봄이네 봄이고 봄이면 봄일까 봄인"),
    ],
)
def test_the_forms_of_every_kind(written: str, said: str) -> None:
    assert [conjugate(predicate(written), form) for form in FORMS] == said.split()


@pytest.mark.parametrize("wrong", ["가", "다", "가다|ㅋ", "rain"])
def test_what_is_no_predicate_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="no "):
        predicate(wrong)


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=5))
def test_any_regular_stem_takes_any_ending(stem: str) -> None:
    for form in FORMS:
        said = conjugate(predicate(f"{stem}다"), form)
        assert all(map(is_block, said))
        assert len(said) >= len(stem)
