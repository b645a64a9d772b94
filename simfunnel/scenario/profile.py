"""When in the week leads come: flat, during business hours, or a table from a CSV file."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from simfunnel.errors import value_text
from simfunnel.scenario.columns import cell_text
from simfunnel.scenario.fields import FieldError, number
from simfunnel.scenario.folder import Folder, Table

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS_OF_WEEK = 168
FORM = "write flat, business or the name of a CSV file in the scenario's folder with columns hour, mon, ..., sun"


def read_profile(value: object, info: ValidationInfo) -> Literal["flat", "business"] | tuple[float, ...]:
    """`flat`, `business`, or 168 weights from Monday 00:00, typed as a list or read from a CSV file."""
    if value in ("flat", "business"):
        return value
    if isinstance(value, list | tuple):
        return _weights(list(value))
    if not isinstance(value, str) or not value.lower().endswith(".csv"):
        raise FieldError("is no profile of the week", FORM)
    folder = (info.context or {}).get("folder", Folder())
    return _weights(_week(folder.table(value, ("hour", *DAYS), DAYS)))


def _week(table: Table) -> list[object]:
    grid: dict[int, tuple[str, ...]] = {}
    for (line, row), (_, typed) in zip(table.rows, table.typed, strict=True):
        hour = row[0].strip()
        if not hour.isdecimal() or int(hour) > 23 or int(hour) in grid:
            raise FieldError(
                f"says in line {line} {cell_text(hour)}, which is no hour from 0 to 23 or comes twice", FORM
            )
        grid[int(hour)] = row[1:]
        for weight, cell in zip(row[1:], typed[1:], strict=True):
            _weight(weight, f"says in line {line} {cell_text(cell)}, which is")
    if len(grid) != 24:
        raise FieldError(f"has {len(grid)} hours", "write one line for each hour from 0 to 23")
    return [grid[hour][day] for day in range(7) for hour in range(24)]


def _weight(value: object, what: str) -> float:
    try:
        return number(0.0)(value)
    except FieldError:
        raise FieldError(f"{what} no weight of at least 0", "write how many leads come, e.g. 12 or 0.4") from None


def _weights(values: list[object]) -> tuple[float, ...]:
    if len(values) != HOURS_OF_WEEK:
        raise FieldError(f"has {len(values)} values", "write 168, from Monday 0:00 to Sunday 23:00")
    weights = tuple(_weight(value, f"has {value_text(value)}, which is") for value in values)
    if math.fsum(weights) <= 0:
        raise FieldError("has no hour with leads", "write a weight above 0 for at least one hour")
    return weights


class _ProfileSchema:
    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(read_profile)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        weights = {"type": "array", "items": {"type": "number"}, "minItems": HOURS_OF_WEEK, "maxItems": HOURS_OF_WEEK}
        return {"anyOf": [{"enum": ["flat", "business"]}, {"type": "string", "pattern": r"\.csv$"}, weights]}


HoursOfWeek = Annotated[Literal["flat", "business"] | tuple[float, ...], _ProfileSchema()]
