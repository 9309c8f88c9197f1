"""What is told over Jupyter's event bus: how jobs go on, and that a workspace has changed."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, fields
from typing import Any

from jupyter_kit.frontends.server.answers import Job, JobEvent, Looking, WorkspaceEvent

JOB = "https://schema.jupyter-kit.dev/job/v1"
LOOKING = "https://schema.jupyter-kit.dev/looking/v1"
WORKSPACE = "https://schema.jupyter-kit.dev/workspace/v1"

TEXT, COUNT = {"type": "string"}, {"type": "integer"}
MAYBE_TEXT = {"type": ["string", "null"]}

SCHEMAS: tuple[dict[str, Any], ...] = (
    {
        "$id": JOB,
        "version": "1",
        "title": "A job of Jupyter Kit",
        "description": "How long work goes on: at most four times a second, and when it is over.",
        "type": "object",
        "required": ["id", "verb", "folder", "state"],
        "properties": {
            **dict.fromkeys(("id", "verb", "folder", "phase", "unit", "started", "message"), TEXT),
            "state": {"enum": ["queued", "running", "done", "failed", "cancelled"]},
            "done": COUNT,
            "total": {"type": ["integer", "null"]},
            "path": MAYBE_TEXT,
            "seconds": {"type": "number"},
            "error": {
                "type": ["object", "null"],
                "properties": {"kind": TEXT, "message": TEXT, "hint": TEXT, "path": MAYBE_TEXT},
            },
        },
    },
    {
        "$id": LOOKING,
        "version": "1",
        "title": "Jupyter Kit looks at files",
        "description": "How far an answer is that somebody waits for, where it takes long: at most four times a second.",
        "type": "object",
        "required": ["folder", "verb", "phase", "done", "total", "unit"],
        "properties": {
            **dict.fromkeys(("folder", "verb", "phase", "unit"), TEXT),
            "done": COUNT,
            "total": {"type": ["integer", "null"]},
        },
    },
    {
        "$id": WORKSPACE,
        "version": "1",
        "title": "A workspace of Jupyter Kit has changed",
        "description": "Told after every verb that changed something, and where a kernel, a terminal or a save did.",
        "type": "object",
        "required": ["folder", "head", "snapshots", "reason"],
        "properties": {
            "folder": TEXT,
            "head": MAYBE_TEXT,
            "snapshots": COUNT,
            "reason": {"enum": ["snapshot", "rollback", "tag", "remove", "sync", "modelkit", "outside", "files"]},
        },
    },
)
"""In the form that jupyter_events registers; personal data is in none beyond what the user's own browser shows."""


class Events:
    """The way to the event bus of one server, open to every thread."""

    def __init__(self, logger: Any) -> None:
        self._logger = logger
        self._loop: asyncio.AbstractEventLoop | None = None
        for schema in SCHEMAS:
            if schema["$id"] not in logger.schemas:
                logger.register_event_schema(schema)

    def attach(self) -> None:
        """Remember the loop that events are emitted on: the one that calls."""
        self._loop = asyncio.get_running_loop()

    @property
    def heard(self) -> bool:
        """Whether anybody listens. The logger has no public word for it."""
        return bool(getattr(self._logger, "_modified_listeners", {}).get(WORKSPACE))

    def job(self, job: Job) -> None:
        """Tell how a job goes on, without its result."""
        told = {field.name: getattr(job, field.name) for field in fields(JobEvent)}  # A result may be long, and asdict would copy it.
        self._emit(JOB, told | {"error": asdict(job.error) if job.error else None})

    def looking(self, looking: Looking) -> None:
        """Tell how far an answer is."""
        self._emit(LOOKING, asdict(looking))

    def workspace(self, event: WorkspaceEvent) -> None:
        """Tell that a workspace has changed."""
        self._emit(WORKSPACE, asdict(event))

    def _emit(self, schema: str, data: dict[str, Any]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(lambda: self._logger.emit(schema_id=schema, data=data))
