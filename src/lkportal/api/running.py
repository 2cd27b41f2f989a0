"""Doing what was pushed: one run of a kind at a time, in the order in which they became whole, by whoever holds the file. A run
that was killed is taken up where its last batch ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError, OperationalError

from lkportal.api import feeds
from lkportal.api.settings import ApiSettings
from lkportal.api.spool import Held, Spool
from lkportal.core import imports as engine
from lkportal.core.clock import Clock
from lkportal.core.db import Database
from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.language.formats import Locales
from lkportal.core.policy import Actor
from lkportal.core.ports import Ports
from lkportal.core.registry.building import Registry
from lkportal.core.unit import UnitContext, open_unit

_MOST_ATTEMPTS = 5
_KIND_OFF = text("api.feed.kind_off", "Nothing takes this kind any more: its module was switched off.")

_BROKE = text(
    "api.feed.broke",
    "We broke on this push and have written down where. Send it in parts under new keys, or tell the company its number.",
)


class Portal(Protocol):
    """What the feeds need of the portal."""

    @property
    def clock(self) -> Clock: ...
    @property
    def database(self) -> Database: ...
    @property
    def ports(self) -> Ports: ...
    @property
    def registry(self) -> Registry: ...
    @property
    def locales(self) -> Locales: ...
    @property
    def data_dir(self) -> Any: ...
    def settings_of(self, module: str) -> Any: ...


class Feeds:
    """The pushes of one portal and their files. A port of the room itself: pages and jobs ask for it."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self.spool = Spool(portal.data_dir / "feed")

    @property
    def settings(self) -> ApiSettings:
        """The settings of the API."""
        found: ApiSettings = self._portal.settings_of("api")
        return found

    @property
    def kinds(self) -> Mapping[str, engine.ImportKind]:
        """What may be pushed: the import kinds of the modules that are on."""
        return self._portal.registry.import_kinds

    def take_up(self, kind: str, *, only: int = 0, beat: Callable[[], None] | None = None, batch_rows: int = 0) -> bool:
        """Do what is due of a kind, or the run `only` if it is its turn. False: it is another's turn, or in others' hands.

        `beat` is called after every batch (of `batch_rows`, else of the engine's own size). Raises PortalError when a run stopped half-way: it waits for its next attempt.
        """
        while True:
            with self._portal.database.reading() as connection:
                run = feeds.due(connection, kind)
            if run is None:
                return True
            if only and run.id != only:
                return False
            try:
                with self.spool.hold(run.public_id):
                    self._do(run, beat, batch_rows)
            except Held:
                return False
            if only:
                return True

    def _do(self, run: Row[Any], beat: Callable[[], None] | None, batch_rows: int) -> None:
        circumstances = self._circumstances(run)
        try:
            with open_unit(self._portal.database, circumstances) as db:
                is_ours = feeds.claim(db, run.id)
        except IntegrityError:
            raise Held from None
        if is_ours:
            try:
                report = self._import(run, circumstances, beat, batch_rows)
            except PortalError as error:
                self._stopped(run, circumstances, error)
                return
            except OperationalError:
                raise  # the database is away: the push waits for it
            except Exception:
                self._broken(run, circumstances)
                raise
            with open_unit(self._portal.database, circumstances) as db:
                sums = {"import_id": report.import_id, "counts": dict(report.counts)}
                feeds.finish(db, run.id, accepted=report.accepted, rejected=report.rejected, **sums)
        self.spool.drop(run.public_id)

    def _import(
        self, run: Row[Any], circumstances: UnitContext, beat: Callable[[], None] | None, batch_rows: int
    ) -> engine.ImportReport:
        kind = self.kinds.get(run.kind)
        if kind is None:
            raise PortalError("api.kind_off", _KIND_OFF, 422)

        def tell(progress: engine.Progress) -> None:
            if progress.done < progress.size:
                with open_unit(self._portal.database, circumstances) as db:
                    feeds.tell_progress(db, run.id, progress.accepted, progress.rejected)
            if beat is not None:
                beat()

        return engine.run_import(
            self._portal.database,
            circumstances,
            kind,
            self.spool.plain(run.public_id, run.packing, self.settings.largest_mb << 20),
            reading=engine.Reading(form="rows"),
            parameters=run.parameters,
            progress=tell,
            render=self._portal.locales.get(run.locale).render,
            push=f"feed/{run.public_id}",
            digest="" if run.packing else run.hash,
            batch_rows=batch_rows,
        )

    def _stopped(self, run: Row[Any], circumstances: UnitContext, error: PortalError) -> None:
        """Let a run wait for another attempt when the fault is ours; end it when the fault is in what was sent."""
        is_ours = error.status >= 500 or error.status == 409
        if is_ours and run.attempts + 1 < _MOST_ATTEMPTS:
            with open_unit(self._portal.database, circumstances) as db:
                feeds.put_back(db, run.id)
            raise error
        words = self._portal.locales.get(run.locale).render(error.message)
        with open_unit(self._portal.database, circumstances) as db:
            feeds.give_up(db, run.id, error.code, words)
        self.spool.drop(run.public_id)

    def _broken(self, run: Row[Any], circumstances: UnitContext) -> None:
        """End a run on which we broke again and again: those behind it must not wait for ever. Its file stays for who looks why."""
        if run.attempts + 1 >= _MOST_ATTEMPTS:
            words = self._portal.locales.get(run.locale).render(_BROKE)
            with open_unit(self._portal.database, circumstances) as db:
                feeds.give_up(db, run.id, "api.broke", words)

    def _circumstances(self, run: Row[Any]) -> UnitContext:
        actor = Actor("system", run.token_id, run.token_public, run.token_name)
        return UnitContext(self._portal.clock, actor, f"feed-{run.public_id}", self._portal.ports)
