"""Texts as every database keeps them and every engine reads them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError


def keepable(text: str) -> str:
    """As it is. Raises pydantic's error for what not every database keeps."""
    if "\0" in text:
        raise PydanticCustomError("nul_character", "The text contains a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise PydanticCustomError("string_unicode", "Input should be a valid string") from error
    return text


Plain = Annotated[str, AfterValidator(keepable)]
