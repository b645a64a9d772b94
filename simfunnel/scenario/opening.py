"""The pipeline with which a period starts: open leads by channel, stage and age, typed or from a CSV file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo, field_validator

from simfunnel.scenario.fields import FieldError, Model, PositiveCount, Text, fact
from simfunnel.scenario.folder import Folder
from simfunnel.scenario.values import Time

NO_TIMES = ("", "none", "never", "off", "unlimited")
COLUMNS = ("channel", "stage", "count", "age")
NUMERIC = ("count", "age")


class OpenLeads(Model):
    """Leads that are open at one stage when the period starts."""

    channel: Text = fact("their channel", "website")
    stage: Text = fact("the stage at which they are", "demo")
    count: PositiveCount = fact("how many", 40)
    age: Time = fact("how long they have been at this stage", {"median": "10 days"})

    @field_validator("age", mode="before")
    @classmethod
    def _age_is_a_time(cls, value: Any) -> Any:
        if value is None or (isinstance(value, str) and value.strip().lower() in NO_TIMES):
            raise FieldError("is no age", "write how long they have been at this stage, e.g. 10 days, or 0 days")
        return value


def read_opening(value: Any, info: ValidationInfo) -> Any:
    """The rows of a CSV file in the scenario's folder; anything else unchanged."""
    if not isinstance(value, str) or value == "none":
        return value
    if not value.lower().endswith(".csv"):
        raise FieldError(
            "is neither a list nor a CSV file",
            "write [{channel: ..., stage: ..., count: 40, age: 10 days}], or the name of a CSV file",
        )
    folder = (info.context or {}).get("folder", Folder())
    rows = []
    for line, cells in folder.table(value, COLUMNS, NUMERIC).rows:
        row = dict(zip(COLUMNS, (cell.strip() for cell in cells), strict=True))
        try:
            rows.append(OpenLeads.model_validate(row))
        except ValueError as error:
            raise FieldError(f"has a mistake in line {line} ({first_rule(error)})", "correct that line") from None
    return rows


def first_rule(error: ValueError) -> str:
    """What the first mistake of a row is, in a few words."""
    for mistake in getattr(error, "errors", list)():
        cause = mistake.get("ctx", {}).get("error")
        where = str(mistake["loc"][0]) if mistake["loc"] else ""
        return f"{where} {mistake['input']!r} {getattr(cause, 'rule', mistake['msg'])}"
    return str(error)


Opening = Annotated[tuple[OpenLeads, ...], BeforeValidator(read_opening)]
