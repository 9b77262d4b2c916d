"""A retry schedule as a form."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, Field, ValidationError

from app.domain.report import faults_of
from app.domain.retry_policy import Policy
from app.errors import Invalid

Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]


class PolicyForm(BaseModel):
    """What an administrator may set; times in seconds."""

    base: Seconds
    cap: Seconds
    attempts: Annotated[int, Field(ge=1, le=100)]
    factor: Annotated[float, Field(ge=1, le=10, allow_inf_nan=False)]
    jitter: bool = False

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        """Read the form. Raises Invalid."""
        try:
            return cls.model_validate(dict(form))
        except ValidationError as error:
            raise Invalid(faults_of(error)) from error

    def to_policy(self) -> Policy:
        """Return the schedule as the pure value."""
        return Policy(self.base, self.cap, self.attempts, self.factor, self.jitter)
