"""The routes of the verbs: one for each, all alike."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from jupyter_server.auth.decorator import authorized
from tornado.web import HTTPError, authenticated

from jupyter_kit.errors import InvalidInput
from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.arguments.values import option_names, options_of
from jupyter_kit.frontends.render.json import Plain
from jupyter_kit.frontends.server import house, ways
from jupyter_kit.frontends.server.answers import JobReply
from jupyter_kit.frontends.server.documents import LENGTH, Window, document, windowed
from jupyter_kit.frontends.server.host import Browser, Stoppable, unconfirmed
from jupyter_kit.frontends.server.jobs import Work
from jupyter_kit.frontends.server.paths import Place
from jupyter_kit.frontends.server.routes.request import Request
from jupyter_kit.frontends.server.service import Service

if TYPE_CHECKING:
    from jupyter_kit.frontends.replies import Cloned


PARTS = {"limit", "offset", "match", "grouped", "answer"}
"""What says which part of long lists is wanted."""

YES_OR_NO = {"true": True, "1": True, "false": False, "0": False}

DIGITS_MAX = 12
"""Of a number of entries: more than any list has."""


@dataclass(frozen=True)
class Asked:
    """What a request asks for: the verb's options, the folder as the browser calls it, and what is for no verb.

    ``answer`` names one that is held; "" for a new one.
    """

    options: Options
    folder: str
    form: str
    window: Window
    answer: str
    password: str | None


class VerbRoute(Request):
    """``GET`` for what only looks, ``POST`` for everything."""

    def initialize(self, service: Service, verb: str = "") -> None:
        """The table of routes says which verb."""
        super().initialize(service)
        self.verb = verb
        self.waiting = Stoppable(verb, service.events.looking)

    @authenticated
    @authorized
    async def get(self) -> None:
        """Look."""
        asked = self._asked(self.query())
        if not ways.looks(asked.options):
            raise HTTPError(405)
        if shy := ways.NETWORK & vars(asked.options).keys():
            raise InvalidInput(f"{', '.join(sorted(shy))} cannot be set by a link.", hint="Send the request as a POST.")
        await self._answer(asked)

    @authenticated
    @authorized
    async def post(self) -> None:
        """Do it, or begin it."""
        await self._answer(self._asked(self.body()))

    def on_connection_close(self) -> None:
        """Nobody waits any more."""
        self.waiting.stopped = True
        super().on_connection_close()

    def _asked(self, given: dict[str, object]) -> Asked:
        taken = {"folder", "form", *({"password"} if self.verb == "login" else ()), *(PARTS - option_names(self.verb).keys())}
        apart = {name: given.pop(name) for name in taken & given.keys()}
        folder, form, answer, password = (apart.get(name, "") for name in ("folder", "form", "answer", "password"))
        if not (isinstance(folder, str) and isinstance(answer, str) and isinstance(password, str)) or form not in ("", "json", "html"):
            raise InvalidInput("“folder” is an API path, “form” is json or html, and “answer” is a name that a reply had.")
        return Asked(options_of(self.verb, given), folder.strip("/"), str(form), self._window(apart), answer, password or None)

    def _window(self, apart: dict[str, object]) -> Window:
        """The part of long lists that is asked for; a verb that has a limit of its own gives its list whole."""
        if "limit" in option_names(self.verb):
            return Window(limit=sys.maxsize)
        match, grouped = apart.get("match", ""), apart.get("grouped", False)
        if not isinstance(match, str) or str(grouped).lower() not in YES_OR_NO:
            raise InvalidInput("“match” is text, and “grouped” is true or false.")
        limit, offset = _count(apart.get("limit", LENGTH), "limit", 1), _count(apart.get("offset", 0), "offset", 0)
        return Window(limit, offset, match, YES_OR_NO[str(grouped).lower()])

    async def _answer(self, asked: Asked) -> None:
        options, verb = asked.options, self.verb
        if ways.tells_content(options):
            await self.check_may("read")
        if ways.writes_files(options):
            await self.check_may("write")
        await self.service.folders.check_shown(asked.folder)
        place = await self.service.work(self._placed, asked)
        if ways.is_unconfirmed(options):
            raise unconfirmed(verb)
        if verb == "pack" and not (options.yes or options.dry_run):
            await self._check_kitfile(options)
        root = place.workspace or place.folder
        if place.workspace is not None:
            self.service.watch.see(place.workspace)
            await self.service.work(self.service.watch.stand, place.workspace)
        if ways.is_long(options):
            self._begin(asked, root)
            return
        self.waiting.folder = self.service.folders.api_path(root) if place.workspace else None
        host = Browser(verb, self.waiting, asked.password)
        self.set_header("Content-Type", "application/json")
        self.finish(await self.service.work(self._carried_out, asked, host, root))

    def _placed(self, asked: Asked) -> Place:
        """Where the verb works; the options get that folder. Raises NotFound (no-workspace), InvalidInput."""
        folders = self.service.folders
        place = folders.place(asked.folder)
        outside = self.verb in {*house.WITHOUT_WORKSPACE, *house.ANYWHERE}
        if place.workspace is None and not outside:
            folders.missing(asked.folder)
        inside = place.folder if self.verb in house.WITHOUT_WORKSPACE else place.workspace or place.folder
        folders.guard(asked.options, inside)
        asked.options.folder = str(inside)
        return place

    async def _check_kitfile(self, options: Options) -> None:
        """``pack`` by a Kitfile that is only inferred is to be looked at first."""
        look = Options(**{**vars(options), "dry_run": True})
        plan = await self.service.work(house.run, look, Browser(self.verb, self.waiting))
        if not getattr(plan, "origin", ""):
            raise unconfirmed(self.verb)

    def _begin(self, asked: Asked, root: Path) -> None:
        options = asked.options

        def carry_out(work: Work) -> tuple[object, str]:
            value = self._run(options, Browser(options.verb, work), root)
            return self._plain(value, asked), house.first_line(value)

        folder = asked.folder if self.verb in house.WITHOUT_WORKSPACE else self.service.folders.api_path(root)
        job = self.service.jobs.start(self.verb, folder, carry_out, turn=root if ways.is_alone(options) else None)
        self.reply(JobReply(job), 202)

    def _carried_out(self, asked: Asked, host: Browser, root: Path) -> bytes:
        """In a thread: the verb, and its answer as text. One with more than is sent is held, for further questions about it."""
        looks = ways.looks(asked.options)
        held = self.service.answers.find(asked.answer, self.verb, root) if looks and asked.answer else None
        value = self._run(asked.options, host, root) if held is None else held
        plain = self._plain(value, asked)
        if looks and isinstance(plain, dict) and ("lengths" in plain or (asked.window.match and asked.form != "html")):
            plain["answer"] = asked.answer if held is not None else self.service.answers.hold(self.verb, root, value)
        return document(plain)

    def _plain(self, value: object, asked: Asked) -> Plain:
        """The answer in the form that is asked for."""
        if asked.form != "html":
            return windowed(value, asked.window)
        return {"html": house.markup(value)}

    def _run(self, options: Options, host: Browser, root: Path) -> object:
        reason = ways.reason(options)
        if reason is None:
            return house.run(options, host)
        if options.verb == "clone":  # What changes is a workspace that is not there before.
            cloned = house.run(options, host)
            self.service.watch.tell(Path(cast("Cloned", cloned).workspace), reason)
            return cloned
        with self.service.watch.changing(root, reason):
            return house.run(options, host)


def _count(value: object, name: str, least: int) -> int:
    digits = str(value)
    if isinstance(value, int | str) and len(digits) <= DIGITS_MAX and digits.isascii() and digits.isdigit() and int(digits) >= least:
        return int(digits)
    raise InvalidInput(f"“{name}” is a whole number from {least} on, not “{digits[:50]}”.")
