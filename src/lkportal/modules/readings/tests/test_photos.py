"""Photos as evidence: what is seen is kept, nothing else; a hostile file is refused with a sentence and harms nobody."""

from __future__ import annotations

import resource
from io import BytesIO
from tempfile import TemporaryFile

import pytest
from PIL import Image

from lkportal.core.strangers import Opener
from lkportal.modules.readings.photos import keeping
from lkportal.modules.readings.photos.checking import Cleaned, NotAPhoto, cleaned
from lkportal.modules.readings.tests.conftest import House, Visit, named
from lkportal.modules.readings.tests.hostile import hostile, photo
from lkportal.testing.visitors import Visitor
from lkportal.testing.world import rows

SAMPLE = ("svg", "heic", "bomb 50000x50000", "bomb 8000x8000", "PNG cut at 60", "JPEG spoilt 3", "text of a gigabyte")


def with_place() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Camera of Anna"
    exif.get_ifd(0x8825)[2] = (64.0, 32.0, 1.0)
    exif[0x0112] = 6
    return photo("JPEG", (640, 480), exif=exif, comment=b"flat 37")


def drawn(body: bytes) -> Cleaned:
    with TemporaryFile() as sent:
        sent.write(body)
        return cleaned(Opener(), sent, 8)


def refused(body: bytes) -> bool:
    try:
        drawn(body)
    except NotAPhoto:
        return True
    return False


def test_nothing_but_the_picture_is_kept_and_it_stands_upright() -> None:
    kept = drawn(with_place())
    assert (kept.width, kept.height) == (480, 640)
    picture = Image.open(BytesIO(kept.body))
    assert (picture.format, dict(picture.getexif()), picture.info.get("comment")) == ("JPEG", {}, None)
    assert b"Anna" not in kept.body


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_formats_become_jpeg(kind: str) -> None:
    assert drawn(photo(kind, (1700, 900))).width == 1600


def test_hostile_files_are_refused() -> None:
    found = dict(hostile())
    assert [name for name in SAMPLE if not refused(found[name])] == []


@pytest.mark.proof
def test_all_hostile_files_are_refused_and_the_web_process_does_not_grow() -> None:
    refused(photo())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = [(name, refused(body)) for name, body in hostile()]
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert len(told) >= 100
    assert [name for name, said in told if not said] == []
    assert grown <= 10 * 1024, f"{grown} KiB"


def test_a_photo_is_sent_with_a_reading_and_seen_by_its_people(house: House, anna: Visitor, visit: Visit) -> None:
    bath = house.registers["bath"]
    answer = anna.post(
        anna.url("readings:list"),
        named(house, bath="416"),
        files={f"photo[{bath}]": ("m.jpg", with_place(), "image/jpeg")},
    )
    assert answer.status_code == 303
    ((key,),) = rows(house.world.database, "SELECT public_id FROM readings_photos WHERE reading_id IS NOT NULL")
    shown = anna.get(anna.url("readings:photo", photo=str(key)))
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["cache-control"] == "private, no-store"
    boris = visit(house.world.customer("boris@example.org", house.world.account("999")), house.world.account("888"))
    assert boris.get(anna.url("readings:photo", photo=str(key))).status_code == 404


def test_a_form_with_a_doubt_keeps_its_photo(house: House, anna: Visitor) -> None:
    hot = house.registers["bath hot"]
    fields = named(house, bath_hot="421")
    asked = anna.post(anna.url("readings:list"), fields, files={f"photo[{hot}]": ("m.jpg", photo(), "image/jpeg")})
    assert asked.status_code == 422
    assert "The photo is here already" in asked.text
    ((key,),) = rows(house.world.database, "SELECT public_id FROM readings_photos")
    again = {**fields, f"confirmed[{hot}]": "1", f"held[{hot}]": str(key)}
    assert anna.post(anna.url("readings:list"), again).status_code == 303
    assert rows(house.world.database, "SELECT count(*) FROM readings_photos WHERE reading_id IS NOT NULL") == [(1,)]
    assert rows(house.world.database, "SELECT why, state FROM readings_reviews") == [("doubt", "waiting")]


@pytest.mark.parametrize("sent", [("m.svg", b"<svg/>", "image/svg+xml"), ("m.jpg", b"", "image/jpeg")], ids=str)
def test_a_wrong_file_is_named_and_the_values_stay(house: House, anna: Visitor, sent: tuple[str, bytes, str]) -> None:
    bath = house.registers["bath"]
    answer = anna.post(
        anna.url("readings:list"),
        named(house, bath="416,306"),
        files={f"photo[{bath}]": sent},
    )
    assert answer.status_code == 422
    assert "Send a photo as JPEG, PNG or WebP." in answer.text
    assert 'value="416,306"' in answer.text
    assert rows(house.world.database, "SELECT count(*) FROM readings_readings") == [(0,)]


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_forms_that_are_never_right_do_not_fill_the_storage(
    house: House, anna: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "MOST_HELD", 1)
    bath = house.registers["bath"]
    picture = {f"photo[{bath}]": ("m.jpg", photo(), "image/jpeg")}
    for typed in ("2B", "no", "416,306"):
        told = anna.post(anna.url("readings:list"), named(house, bath=typed), files=picture)
    assert told.status_code == 422
    assert "Send the reading without a photo" in told.text
    assert 'value="416,306"' in told.text
    assert rows(house.world.database, "SELECT count(*) FROM readings_photos") == [(1,)]
    assert anna.post(anna.url("readings:list"), named(house, bath="416,306")).status_code == 303


@pytest.mark.parametrize("portal_url", ["sqlite"], indirect=True)
def test_a_form_that_says_it_was_in_time_is_looked_at_by_a_person(house: House, anna: Visitor, visit: Visit) -> None:
    """A device's clock may be set to any day: what it moves into a month that is over, a person sees."""
    for place, value, day in (("bath", "416", "2026-11-20"), ("bath_hot", "240", "2026-10-24")):
        kept = {"token": "A" * 15 + place[-1], "taken_at": f"{day}T10:00:00+03:00"}
        sent = anna.post(
            anna.url("readings:waiting"), {**named(house, **{place: value}), **kept}, page=anna.url("readings:list")
        )
        assert "taken" in sent.text, (sent.status_code, sent.text[:300])
    assert rows(house.world.database, "SELECT why FROM readings_reviews") == [("clock",)]
    ((review,),) = rows(house.world.database, "SELECT public_id FROM readings_reviews")
    operator = visit(house.world.staff("operator@example.org", "operator"))
    assert (
        "the device says it was filled in before" in operator.get(operator.url("readings:review", review=review)).text
    )
