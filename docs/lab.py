"""Make the pictures of the lab in the README, and the short animation, from a real one: `.venv/bin/python -m docs.lab`.

Needs what `make test` installs, Chromium, the built lab extension (`make lab` builds it) and Pillow (`pip install pillow`).
"""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from docs import sample
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.lab import running

HERE = Path(__file__).parent

VIEW = {"width": 1280, "height": 760}
"""Of the window: letters stay legible where a README shows it 900 pixels wide."""

COLOURS = 128
"""Of a picture's palette: more than a lab's flat surfaces need, at a third of the bytes."""

KERNEL_MILLISECONDS = 5_000
"""A notebook whose cells are run before its kernel is there asks which one to take."""

PICTURE_BYTES_MAX, ANIMATION_BYTES_MAX = 200_000, 500_000


class Film:
    """Pictures of a page, one after the other."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.frames: list[Image.Image] = []
        self.milliseconds: list[int] = []

    def shoot(self, seconds: float) -> Image.Image:
        """Take a picture; the animation shows it that long."""
        self.page.wait_for_timeout(400)  # What moves comes to rest.
        picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        self.frames.append(picture)
        self.milliseconds.append(round(seconds * 1000))
        return picture

    def save(self, name: str) -> None:
        """Write the animation."""
        first, *others = [frame.resize((1024, 608), Image.Resampling.LANCZOS) for frame in self.frames]
        first.save(HERE / name, save_all=True, append_images=others, duration=self.milliseconds, loop=0, quality=70, method=6)
        check(HERE / name, ANIMATION_BYTES_MAX)


def save(picture: Image.Image, name: str) -> None:
    """Write a picture."""
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / name, optimize=True)
    check(HERE / name, PICTURE_BYTES_MAX)


def check(file: Path, limit: int) -> None:
    """Everybody who clones the repository takes it along."""
    size = file.stat().st_size
    print(f"{file.name}: {size / 1000:.0f} kB")
    assert size <= limit, f"{file} is larger than {limit} bytes"


def command(page: Page, name: str, **arguments: object) -> None:
    """Start a command of the lab; nobody waits for the dialog that it may open."""
    page.evaluate("([name, given]) => { void window.jupyterapp.commands.execute(name, given); }", [name, arguments])


def in_the_panel(page: Page, film: Film) -> None:
    """See what changed, and keep it."""
    panel = page.get_by_role("region", name="Jupyter Kit")
    page.locator(".jp-Notebook .jp-Cell").nth(4).wait_for()
    page.wait_for_timeout(KERNEL_MILLISECONDS)
    command(page, "application:toggle-left-area")
    page.get_by_role("tab", name="Versions of this folder").click()
    panel.get_by_role("option", name="first model").wait_for()
    film.shoot(2.5)
    panel.get_by_text("train.ipynb").first.click()
    page.locator(".jk-Diff").get_by_text("1000.0").first.wait_for()
    save(film.shoot(2.5), "diff.png")
    page.get_by_role("tab", name="train.ipynb", exact=True).click()
    panel.get_by_label("Message of the snapshot").fill("lean far too much")
    film.shoot(1.5)
    panel.get_by_role("button", name="Snapshot", exact=True).click()
    panel.get_by_role("option", name="lean far too much").wait_for()
    film.shoot(2)


def back(page: Page, film: Film) -> None:
    """Go back to an old version from the panel, and undo that."""
    panel = page.get_by_role("region", name="Jupyter Kit")
    panel.get_by_role("option", name="lean on the weights more").click(button="right")
    film.shoot(1)
    page.get_by_role("menuitem", name="Roll Back").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("train.ipynb").first.wait_for()
    save(film.shoot(2.5), "rollback.png")
    dialog.get_by_role("button", name="Roll back").click()
    undo = page.get_by_role("button", name="Undo")
    undo.wait_for()
    page.locator(".jp-Notebook").get_by_text("strength = 1.0").wait_for()
    film.shoot(2.5)
    undo.click()
    panel.get_by_role("option", name="lean far too much, you are here").wait_for()
    film.shoot(2)


def in_a_cell(page: Page, film: Film) -> None:
    """Look at an old version, go back to it, and undo that."""
    command(page, "docmanager:open", path="history.ipynb")
    page.wait_for_timeout(KERNEL_MILLISECONDS)
    command(page, "notebook:run-all-cells")
    versions = page.locator(".widget-select select")
    versions.locator("option", has_text="all the data").wait_for(state="attached")
    film.shoot(1.5)
    versions.select_option(index=2)
    film.shoot(2)
    page.get_by_role("button", name="Roll back…").click()
    page.get_by_text("To go back to").wait_for()
    save(film.shoot(2.5), "history.png")
    page.get_by_role("button", name="Roll back", exact=True).click()
    page.get_by_text("Back at").wait_for()
    film.shoot(2)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_timeout(1_000)
    film.shoot(2)


def main() -> None:
    """Make the sample, start the lab, and take the pictures."""
    os.environ["JUPYTER_KIT_AUTHOR"] = "Ada"
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder, home = Path(place, "digits"), Path(place, "home")
        folder.mkdir()
        home.mkdir()
        sample.make(folder)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with running(folder, home) as lab:
            page = browser.new_page(viewport=VIEW)
            page.goto(lab.url("lab/tree/train.ipynb"))
            film = Film(page)
            in_the_panel(page, film)
            back(page, film)
            film.save("lab.webp")
            in_a_cell(page, Film(page))
        browser.close()


if __name__ == "__main__":
    main()
