"""Our ids against the layout of RFC 9562, section 5.7."""

from uuid import RFC_4122, UUID

import pytest

from app.ids import is_id, new_id


def test_an_id_has_version_seven_and_the_variant_of_the_rfc() -> None:
    for _ in range(200):
        made = UUID(new_id())
        assert (made.version, made.variant) == (7, RFC_4122)


def test_the_example_of_the_rfc_has_its_milliseconds_in_front() -> None:
    # RFC 9562, appendix A.6: 2022-02-22T19:22:22Z is 0x017F22E279B0.
    assert new_id(0x017F22E279B0).startswith("017f22e2-79b0-7")


@pytest.mark.parametrize("moment", [0, 1, 2**48 - 1])
def test_the_first_48_bits_are_the_milliseconds(moment: int) -> None:
    assert UUID(new_id(moment)).int >> 80 == moment


def test_ids_of_one_millisecond_differ() -> None:
    assert len({new_id(1) for _ in range(1000)}) == 1000


def test_later_ids_sort_later() -> None:
    made = [new_id(moment) for moment in (0, 1, 255, 256, 2**20, 2**40, 2**48 - 1)]
    assert sorted(made) == made


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", True), ("017F22E2-79B0-7CC3-98C4-DC0C0C07398F", True),
        ("", False), ("1", False), ("017f22e279b07cc398c4dc0c0c07398f", False),
        ("{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", False), ("urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f", False),
        ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n", False), ("０17f22e2-79b0-7cc3-98c4-dc0c0c07398f", False),
        ("017f22e2-79b0-7cc3-98c4-dc0c0c07398\ud800", False), ("' OR 1=1 --", False), ("x" * 36, False),
    ],
)
def test_what_is_no_id_never_reaches_the_database(text: str, fine: bool) -> None:
    assert is_id(text) is fine
