"""A kernel that runs, spoken to with the messages that a browser sends."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import nbformat
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

SECONDS = 30.0
"""What no message takes."""


@dataclass
class Kernel:
    """A kernel and everything that it published."""

    process: KernelManager
    client: BlockingKernelClient
    heard: list[dict[str, Any]] = field(default_factory=list)

    def start(self, source: str) -> str:
        """Run a cell; returns the id to wait for."""
        return str(self.client.execute(source, allow_stdin=True))

    def listen(self, cell: str, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message about a cell that fits."""
        return self.hear(lambda message: message["parent_header"].get("msg_id") == cell and until(message))

    def hear(self, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message that fits."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            message: dict[str, Any] = self.client.get_iopub_msg(timeout=SECONDS)
            self.heard.append(message)
            if until(message):
                return message
        raise AssertionError("the kernel says something else all the time")

    def end(self, cell: str) -> dict[str, Any]:
        """How a cell ended, once it is over."""
        self.listen(cell, lambda message: message["content"].get("execution_state") == "idle")
        while True:
            reply: dict[str, Any] = self.client.get_shell_msg(timeout=SECONDS)
            if reply["parent_header"]["msg_id"] == cell:
                return dict(reply["content"])

    def run(self, source: str) -> None:
        """A cell that must succeed."""
        reply = self.end(self.start(source))
        assert reply["status"] == "ok", reply

    def notebook(self) -> str:
        """What an editor saves of the cells' outputs."""
        kinds = {"execute_result", "display_data", "stream", "error"}
        outputs = [nbformat.v4.output_from_msg(message) for message in self.heard if message["msg_type"] in kinds]
        cell = nbformat.v4.new_code_cell("", outputs=outputs)
        return str(nbformat.writes(nbformat.v4.new_notebook(cells=[cell])))

    def click(self, widget: str) -> None:
        """Press a button, by the id of its model."""
        self.send(widget, {"method": "custom", "content": {"event": "click"}})

    def send(self, widget: str, data: dict[str, Any]) -> None:
        """A message of a widget."""
        self.client.shell_channel.send(self.client.session.msg("comm_msg", {"comm_id": widget, "data": data}))

    def states(self) -> dict[str, dict[str, Any]]:
        """Every widget by the id of its model, in its newest state: what an editor saves where it saves widgets."""
        found: dict[str, dict[str, Any]] = {}
        for message in self.heard:
            told = message["content"]
            if message["msg_type"] in ("comm_open", "comm_msg"):
                found.setdefault(told["comm_id"], {}).update(told["data"].get("state", {}))
        return found

    def listen_for(self, words: str) -> None:
        """Wait until a widget shows these words."""
        self.hear(lambda message: words in str(message["content"].get("data", {}).get("state", {}).get("value", "")))

    def widget(self, label: str) -> str:
        """The id of the newest model that has this label."""
        return [name for name, state in self.states().items() if state.get("description") == label][-1]
