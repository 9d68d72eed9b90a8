"""One measure: a value with its unit, how sure it is and what else it may be; or why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pansori.domain.errors import Text
from pansori.domain.units import Seconds
from pansori.engines.analyze.numbers import Numbers

if TYPE_CHECKING:  # whoever only reads measures does not calculate
    import numpy as np
    import numpy.typing as npt

ValueT = TypeVar("ValueT")
Source = Literal["engine", "person"]
DECIMALS = 4  #: of the numbers in curves, which are long


class Frozen(BaseModel):
    """What checks the values is built when the first are checked: there are a hundred classes, and few need them."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Refusal(Frozen):
    """Why a measure makes no sense here."""

    code: str = Field(description="Stable, such as `not_voice`.")
    reason: str
    reason_ko: str

    @classmethod
    def of(cls, code: str, why: Text) -> Refusal:
        return cls(code=code, reason=why.en, reason_ko=why.ko)


class Candidate(Frozen, Generic[ValueT]):
    """What else it may be."""

    value: ValueT
    confidence: float = Field(ge=0.0, le=1.0)


class Measure(Frozen, Generic[ValueT]):
    """Either a value or a refusal, never neither and never both."""

    value: ValueT | None = None
    unit: str = Field(description="Empty: a bare number, a name or a list whose items say their own.")
    confidence: float | None = Field(
        default=None,
        ge=0.0,
        le=1.0,
        description="How likely an estimate is right. Null: it is computed, not estimated.",
    )
    runners_up: tuple[Candidate[ValueT], ...] = Field(default=(), description="What else it may be, likeliest first.")
    refused: Refusal | None = Field(default=None, description="Why there is no value.")
    source: Source = Field(
        default="engine", description="`person`: somebody said so, or it follows from what somebody said."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.value is None) == (self.refused is None):
            raise ValueError("a measure has either a value or a refusal")
        return self


class Curve(Frozen):
    """Values at equal steps of time; null where there is none, as of pitch where nothing is voiced."""

    start: Seconds = Field(description="Seconds from the beginning to the first value.")
    step: Seconds = Field(gt=0, description="Seconds from one value to the next.")
    values: Numbers

    @classmethod
    def of(cls, values: npt.NDArray[np.floating[Any]], *, start: float, step: float) -> Curve:
        """`values`: shape [n]; what is not finite becomes null."""
        import numpy as np

        rounded = np.round(values.astype(np.float64), DECIMALS)
        return cls(start=Seconds(round(start, 6)), step=Seconds(step), values=Numbers.of(rounded))


class Span(Frozen):
    """From `start` up to `end`, in seconds from the beginning."""

    start: Seconds
    end: Seconds


class Label(Span):
    """A named stretch of time: a chord, a section."""

    label: str
    confidence: float | None = Field(default=None, ge=0.0, le=1.0)
    runners_up: tuple[Candidate[str], ...] = Field(default=(), description="What else it may be, likeliest first.")


@dataclass(frozen=True)
class Estimate(Generic[ValueT]):
    """A value that is not computed but inferred. Confidences are from 0 to 1."""

    value: ValueT
    confidence: float
    runners_up: tuple[tuple[ValueT, float], ...] = ()


UNDEFINED = Refusal.of(
    "undefined", Text("This sound gives no finite value for it.", "이 소리에서는 유한한 값이 나오지 않아요.")
)


def measured(unit: str, description: str) -> Any:
    """A field of a `Group`: a `Measure` in `unit`."""
    return Field(description=f"{description} ({unit})" if unit else description, json_schema_extra={"unit": unit})


class Group(Frozen):
    """Measures that are asked for, and refused, together. Its fields are made by `measured`."""

    @classmethod
    def of(cls, found: Mapping[str, object]) -> Self:
        """`found`: for every field a plain value, an `Estimate`, or the `Refusal` that stands for it. A number that is
        not finite is refused as undefined."""
        return cls.model_validate({name: measure(unit_of(cls, name), found[name]) for name in cls.model_fields})

    @classmethod
    def refuse(cls, why: Refusal) -> Self:
        """All of them, for one reason."""
        return cls.of(dict.fromkeys(cls.model_fields, why))


def unit_of(group: type[Group], name: str) -> str:
    """The unit that a group's field is measured in."""
    extra = group.model_fields[name].json_schema_extra
    assert isinstance(extra, dict), "fields of groups are made by `measured`"
    return str(extra["unit"])


def measure(unit: str, found: object) -> Any:
    """A `Measure` yet to be validated, of what `Group.of` takes."""
    import numpy as np

    if isinstance(found, Refusal):
        return {"unit": unit, "refused": found}
    estimate = found if isinstance(found, Estimate) else None
    value = estimate.value if estimate else found
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return {"unit": unit, "refused": UNDEFINED}
    if estimate is None:
        return {"unit": unit, "value": value}
    rest = tuple({"value": other, "confidence": _share(sure)} for other, sure in estimate.runners_up)
    return {"unit": unit, "value": value, "confidence": _share(estimate.confidence), "runners_up": rest}


def _share(confidence: float) -> float:
    return round(min(max(float(confidence), 0.0), 1.0), 4)
