"""How long the event loop of a Jupyter server is held up while a verb works in it: measured on the loop itself, from within."""

from __future__ import annotations

import json
import sys

from .bench import Bench
from .data import transformer, write_model
from .peers import SOURCE_TREE, JupyterKit

SERVE = """
import asyncio, json, sys, threading, time
from urllib.request import Request, urlopen
from jupyter_server.serverapp import ServerApp

app, lags = ServerApp(), []

async def probe():
    while True:
        start = time.perf_counter()
        await asyncio.sleep(0.005)
        lags.append(time.perf_counter() - start - 0.005)

def ask(route, body=None):
    url = f"http://127.0.0.1:{app.port}/jupyter_kit/api/{route}"
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, {"Authorization": "token t"}), timeout=600) as answer:
        return json.load(answer)

def job(verb, **body):
    begun = ask(verb, body)["job"]
    while (begun := ask(f"jobs/{begun['id']}"))["state"] in ("queued", "running"):
        time.sleep(0.1)
    assert begun["state"] == "done", begun

def count(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass

WORKS = {
    "nothing": lambda: time.sleep(5),
    "a thread that only counts": lambda: count(5),
    "snapshot of the model": lambda: job("snapshot", folder="model"),
    "status of many files": lambda: ask("status?folder=many"),
    "snapshot of many files": lambda: job("snapshot", folder="many"),
    "one of many files shown": lambda: ask("file?folder=many&snapshot=HEAD&path=0.json"),
}

def measure():
    ask("status?folder=model")  # What is imported on first use is no part of it.
    worst = {}
    for work, carry_out in WORKS.items():
        lags.clear()
        carry_out()
        time.sleep(0.05)
        worst[work] = max(lags)
    print(json.dumps(worst), flush=True)
    app.io_loop.add_callback(app.stop)

arguments = ["--no-browser", "--allow-root", "--port=0", "--IdentityProvider.token=t", "--log-level=ERROR"]
arguments += [f"--ServerApp.root_dir={sys.argv[1]}", "--ServerApp.jpserver_extensions={'jupyter_kit': True}"]
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
app.initialize(arguments)
app.io_loop.add_callback(lambda: loop.create_task(probe()))
app.io_loop.add_callback(lambda: threading.Thread(target=measure).start())
app.start()
"""
"""A server that measures itself and prints the worst delay of a timer on its loop, in seconds, for each work."""


def serving(bench: Bench) -> None:
    """Beside doing nothing, and beside a thread that only counts: what other programs on the machine do to the loop is in each figure, and
    more of it where a thread of Python works, because the loop waits for that thread while another program has its processor."""
    if not bench.tools():
        return
    for _ in range(bench.rounds):
        with bench.place() as place:
            model, many = place / "model", place / "many"
            for folder in (model, many):
                folder.mkdir()
            write_model(model / "model.bin", transformer(bench.sizes.model))
            for number in range(bench.sizes.many_files):
                (many / f"{number}.json").write_text(json.dumps({"number": number}))
            tool = JupyterKit(place)
            tool.environment["PYTHONPATH"] = str(SOURCE_TREE)
            for folder in (model, many):
                tool.run(sys.executable, "-m", "jupyter_kit", "init", folder=folder)
            worst = json.loads(tool.run(sys.executable, "-c", SERVE, str(place), folder=place).output)
        for work, seconds in worst.items():
            bench.record("server-loop", work, "jupyter-kit", seconds)
