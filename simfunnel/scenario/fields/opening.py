"""The pipeline with which a period starts: open leads by channel, stage and age, typed or from a CSV file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo, field_validator

from simfunnel.scenario.fields.field import FieldError, Model, PositiveCount, Text, fact
from simfunnel.scenario.fields.values import Time
from simfunnel.scenario.read.columns import cell_text
from simfunnel.scenario.read.folder import Folder

NO_TIMES = ("", "none", "never", "off", "unlimited")
COLUMNS = ("channel", "stage", "count", "age")
NUMERIC = ("count", "age")
CORRECT = "correct that line"


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
    """Read the rows of a CSV file in the scenario's folder; anything else unchanged."""
    if not isinstance(value, str) or value == "none":
        return value
    if not value.lower().endswith(".csv"):
        raise FieldError(
            "is neither a list nor a CSV file",
            "write [{channel: ..., stage: ..., count: 40, age: 10 days}], or the name of a CSV file",
        )
    folder = (info.context or {}).get("folder", Folder())
    table = folder.table(value, COLUMNS, NUMERIC)
    rows, wrong = [], []
    for (line, cells), (_, typed) in zip(table.rows, table.typed, strict=True):
        try:
            rows.append(OpenLeads.model_validate(dict(zip(COLUMNS, (cell.strip() for cell in cells), strict=True))))
        except ValueError as error:
            rule, remedy = str(error), CORRECT
            for mistake in getattr(error, "errors", list)()[:1]:  # the first, after the cell as typed
                cause = mistake.get("ctx", {}).get("error")
                where = str(mistake["loc"][0]) if mistake["loc"] else ""
                cell = cell_text(dict(zip(COLUMNS, typed, strict=True)).get(where, str(mistake["input"])))
                rule = f"{where} {cell}, {getattr(cause, 'rule', mistake['msg'])}"
                remedy = getattr(cause, "remedy", CORRECT)
            wrong.append((line, rule, remedy))
    if wrong:
        line, rule, remedy = wrong[0]
        others = len(wrong) - 1
        more = f", and others in {others} more line{'' if others == 1 else 's'}" if others else ""
        raise FieldError(f"has a mistake in line {line} ({rule}){more}", remedy)
    return rows


Opening = Annotated[tuple[OpenLeads, ...], BeforeValidator(read_opening)]
