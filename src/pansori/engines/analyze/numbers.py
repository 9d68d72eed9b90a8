"""Long rows of numbers of which some are missing, kept in eight bytes each.

An hour of voice has three million numbers in its curves. As a tuple of Python's floats they take four times as much.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

if TYPE_CHECKING:  # whoever only reads measures does not calculate
    import numpy as np
    import numpy.typing as npt


class Numbers(Sequence[float | None]):
    """An immutable row of finite numbers and None. It equals any sequence of the same ones."""

    __slots__ = ("_kept",)

    def __init__(self, numbers: Iterable[float | None] = ()) -> None:
        self._kept = array("d", (math.nan if one is None else one for one in numbers))

    @classmethod
    def of(cls, values: npt.NDArray[np.floating[Any]]) -> Numbers:
        """`values`: shape [n]; what is not finite is None."""
        import numpy as np

        made = cls()
        made._kept.frombytes(np.where(np.isfinite(values), values, np.nan).astype(np.float64).tobytes())
        return made

    def __len__(self) -> int:
        return len(self._kept)

    @overload
    def __getitem__(self, at: int) -> float | None: ...
    @overload
    def __getitem__(self, at: slice) -> Numbers: ...
    def __getitem__(self, at: int | slice) -> float | Numbers | None:
        if isinstance(at, slice):
            part = Numbers()
            part._kept = self._kept[at]
            return part
        return _or_none(self._kept[at])

    def __iter__(self) -> Iterator[float | None]:
        return map(_or_none, self._kept)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str | bytes) or not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(mine == its for mine, its in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Numbers({list(self)})"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """As NumPy takes it: NaN for None."""
        import numpy as np

        return np.array(np.frombuffer(self._kept, dtype=np.float64), dtype=dtype or np.float64)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        numbers = core_schema.list_schema(core_schema.nullable_schema(core_schema.float_schema(allow_inf_nan=False)))
        made = core_schema.no_info_after_validator_function(cls, numbers)
        return core_schema.json_or_python_schema(
            json_schema=made,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), made]),
            serialization=core_schema.plain_serializer_function_ser_schema(list, return_schema=numbers),
        )


def _or_none(number: float) -> float | None:
    return None if math.isnan(number) else number
