"""What pydantic found wrong with a request, in words for the one who sent it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pansori.domain.errors import Text
from pansori.domain.tasks import TAG_OR_AUTO

EXPLANATIONS: dict[str, Text] = {
    "missing": Text("This field is required.", "꼭 필요한 항목이에요."),
    "json_invalid": Text("The body is not valid JSON: {error}.", "본문이 올바른 JSON이 아니에요: {error}."),
    "string_type": Text("This has to be text.", "문자열이어야 해요."),
    "string_unicode": Text("The text is not valid Unicode.", "올바른 유니코드 문자열이 아니에요."),
    "invalid_key": Text("Names have to be valid Unicode text.", "이름은 올바른 유니코드 문자열이어야 해요."),
    "string_too_long": Text("At most {max_length} characters are accepted.", "최대 {max_length}자까지 쓸 수 있어요."),
    "string_too_short": Text("At least {min_length} characters are needed.", "적어도 {min_length}자가 필요해요."),
    "greater_than_equal": Text("This has to be {ge} or more.", "{ge} 이상이어야 해요."),
    "less_than_equal": Text("This has to be {le} or less.", "{le} 이하여야 해요."),
    "greater_than": Text("This has to be more than {gt}.", "{gt}보다 커야 해요."),
    "int_type": Text("This has to be a whole number.", "정수여야 해요."),
    "int_parsing": Text("This has to be a whole number.", "정수여야 해요."),
    "float_type": Text("This has to be a number.", "숫자여야 해요."),
    "float_parsing": Text("This has to be a number.", "숫자여야 해요."),
    "finite_number": Text("This has to be a finite number.", "유한한 숫자여야 해요."),
    "int_from_float": Text("This has to be a whole number.", "정수여야 해요."),
    "bool_parsing": Text("This has to be true or false.", "true나 false여야 해요."),
    "string_pattern_mismatch": Text("This has to look like {pattern}.", "{pattern} 모양이어야 해요."),
    "enum": Text("This has to be {expected}.", "다음 중 하나여야 해요: {expected}."),
    "literal_error": Text("This has to be {expected}.", "다음 중 하나여야 해요: {expected}."),
    "dict_type": Text("This has to be an object.", "객체여야 해요."),
    "model_type": Text("This has to be an object.", "객체여야 해요."),
    "uuid_type": Text("This has to be an id.", "id여야 해요."),
    "uuid_parsing": Text("This has to be an id.", "id여야 해요."),
    "list_type": Text("This has to be a list.", "목록이어야 해요."),
    "too_long": Text("At most {max_length} entries are accepted.", "최대 {max_length}개까지 쓸 수 있어요."),
    "too_short": Text("At least {min_length} entries are needed.", "적어도 {min_length}개가 필요해요."),
    "nul_character": Text("The text contains a NUL character.", "글에 NUL 문자가 들어 있어요."),
    "language_tag": Text(
        "This has to be a language tag such as ko, en-GB or zh-Hant-TW.",
        "ko, en-GB, zh-Hant-TW 같은 언어 태그여야 해요.",
    ),
    "value_error": Text("{error}.", "{error}."),
    "extra_forbidden": Text("There is no such field.", "그런 항목은 없어요."),
    "model_attributes_type": Text(
        "The body has to be a JSON object, sent with Content-Type: application/json.",
        "본문은 Content-Type: application/json으로 보낸 JSON 객체여야 해요.",
    ),
}


EMPTY = Text("This may not be empty.", "비워 둘 수 없어요.")
LIKE: dict[str, Text] = {
    TAG_OR_AUTO: Text(
        "This has to be auto or a language tag such as ko, en-GB or zh-Hant-TW.",
        "auto이거나 ko, en-GB, zh-Hant-TW 같은 언어 태그여야 해요.",
    ),
}  #: by its pattern, what few could read from that


def explain(kind: str, message: str, context: Mapping[str, Any]) -> Text:
    """`message` is pydantic's own, which speaks for the kinds that have no words here."""
    if kind not in EXPLANATIONS:
        return Text(f"{message}.", f"{message}.")
    template = EXPLANATIONS[kind]
    values = {name: _plain(value) for name, value in context.items()}
    if kind == "string_too_short" and values["min_length"] == 1:
        return EMPTY
    if kind == "string_pattern_mismatch" and values["pattern"] in LIKE:
        return LIKE[values["pattern"]]
    korean = {**values, "expected": str(values.get("expected", "")).replace(" or ", ", ")}
    return Text(template.en.format_map(values), template.ko.format_map(korean))


def _plain(value: Any) -> Any:
    """600 for 600.0, as people write it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
