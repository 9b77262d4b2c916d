"""OpenAPI 3.1 from the pydantic models, written by spectree.

spectree only documents: it answers malformed JSON with 422 and in its own shape, and would cost the intake route a
second validation. What is read is validated once, in `reading` or by the service.
"""

from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData


def _name(model: type) -> str:
    return model.__name__


def _nested(_parent: str, child: str) -> str:
    return child


spec = SpecTree(
    "flask",
    mode="strict",
    annotations=False,
    title="Dead Letter Office",
    description="Takes failures in, repairs them, and lets people put the rest right.",
    version="1",
    path="api/docs",
    security_schemes=[SecurityScheme(name="bearer", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"))],
    security={"bearer": []},
    naming_strategy=_name,
    nested_naming_strategy=_nested,
)
