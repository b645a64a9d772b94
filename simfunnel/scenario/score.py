"""What a score knows: its scale and how well it sees a lead's true quality."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import model_validator

from simfunnel.scenario.fields import Auc, Correlation, FieldError, Model, Number, PositiveNumber, either, lever, one_of

Word = Literal["weak", "fair", "good", "perfect"]
CORRELATIONS: dict[str, float] = {"weak": 0.3, "fair": 0.5, "good": 0.7, "perfect": 1.0}


class Accuracy(Model):
    """How well a judgement sees true quality: a word, a correlation or an area under the ROC curve."""

    short_form: ClassVar[str | None] = "word"
    ways: ClassVar[tuple[tuple[frozenset[str], ...], ...]] = (either("word", "correlation", "auc", "auc_among_mqls"),)

    word: Word | None = lever("weak (0.3), fair (0.5), good (0.7) or perfect (1)", "fair", default=None)
    correlation: Correlation | None = lever("or correlation with true quality within a channel", 0.5, default=None)
    auc: Auc | None = lever("or AUC of predicting a win among all leads", 0.7, default=None)
    auc_among_mqls: Auc | None = lever("or AUC of predicting a win among leads that qualify", 0.62, default=None)

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, typed: Any) -> Any:
        return {"word": typed} if isinstance(typed, str) else typed

    @model_validator(mode="after")
    def _exactly_one(self) -> Accuracy:
        typed = one_of(self.__dict__, ("word", "correlation", "auc", "auc_among_mqls"))
        if len(typed) != 1:
            rule = f"types accuracy {len(typed)} times ({', '.join(typed)})" if typed else "says nothing"
            raise FieldError(rule, "write one of weak, fair, good, perfect, {correlation: 0.5} and {auc: 0.7}")
        return self

    @property
    def typed_correlation(self) -> float | None:
        """The correlation that is known without the rest of the scenario; None for an AUC."""
        return CORRELATIONS[self.word] if self.word is not None else self.correlation


FAIR = Accuracy(word="fair")


class Score(Model):
    """Marketing's score: mean and standard deviation over all of today's leads before score_bias, and its accuracy."""

    mean: Number = lever("mean over all of today's leads before score_bias, in points", 50, default=50.0)
    sd: PositiveNumber = lever(
        "standard deviation over all of today's leads before score_bias, in points", 20, default=20.0
    )
    accuracy: Accuracy = lever("how well the score sees true quality", "fair", {"auc": 0.7}, default=FAIR)
