"""In another language, no word of ours stays English: the pack that is made here puts brackets around each message."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from getpass import getuser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from playwright.sync_api import Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.conftest import READY, execute, picture, run
from tests.browser.lab import Lab

SOURCE = Path(__file__).parents[2] / "labextension"

LOCALE = "fr_FR"

MESSAGE = re.compile(r"""\b(__|_n)\(\s*(?:'((?:[^'\\]|\\.)*)'|`([^`$]*)`)(?:,\s*(?:'((?:[^'\\]|\\.)*)'))?""")
"""A call of the translator, with the message and, for numbers, its plural."""

LETTERS = re.compile(r"[^\W\d_]{2,}")

SHOWN = """
() => {
    const roots = '.jk-Panel, .jk-StatusItem, .jp-Dialog, .jk-Diff, .lm-Menu-item';
    const found = [];
    const walker = node => {
        if (node.nodeType === Node.TEXT_NODE) { found.push(node.textContent); return; }
        if (node.nodeType !== Node.ELEMENT_NODE || node.matches('time, code, .cm-editor, style, svg')) return;
        for (const name of ['title', 'aria-label', 'placeholder']) {
            if (node.getAttribute(name)) found.push(node.getAttribute(name));
        }
        node.childNodes.forEach(walker);
    };
    document.querySelectorAll(roots).forEach(walker);
    return found.map(text => text.trim()).filter(Boolean);
}
"""
"""All that is read, and all that is read out, in what is ours."""


def bracketed(message: str) -> str:
    """The message in the language of the pack."""
    return f"⟦{message}⟧"


def messages() -> dict[str, str | None]:
    """Each message of the sources with its plural."""
    found: dict[str, str | None] = {}
    for path in SOURCE.joinpath("src").rglob("*.ts*"):
        for kind, quoted, plain, plural in MESSAGE.findall(path.read_text("utf-8")):
            words = (quoted or plain).replace("\\'", "'")
            found[words] = plural if kind == "_n" else None
    return found


def described() -> list[tuple[str, str]]:
    """Each text of the settings' schema with its context."""
    schema = json.loads((SOURCE / "schema" / "plugin.json").read_text("utf-8"))
    texts = [("schema", schema["title"]), ("schema", schema["description"])]
    for setting in schema["properties"].values():
        texts += [("settings", setting[name]) for name in ("title", "description") if name in setting]
    texts += [("menu", entry["submenu"]["label"]) for entry in schema["jupyter.lab.menus"]["context"] if "submenu" in entry]
    return texts


@pytest.fixture
def language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A language pack that a server started now finds."""
    name = f"jupyterlab_language_pack_{LOCALE}"
    place = tmp_path / "packs" / name / "locale" / LOCALE / "LC_MESSAGES"
    place.mkdir(parents=True)
    (tmp_path / "packs" / name / "__init__.py").touch()
    facts = {"domain": "jupyter_kit", "language": LOCALE.replace("_", "-"), "plural_forms": "nplurals=2; plural=(n != 1);", "version": "0"}
    told = {message: [bracketed(text) for text in (message, plural) if text] for message, plural in messages().items()}
    (place / "jupyter_kit.json").write_text(json.dumps({"": facts} | told), "utf-8")
    catalog = Catalog(locale=LOCALE, domain="jupyter_kit")
    for context, text in described():
        catalog.add(text, bracketed(text), context=context)
    with (place / "jupyter_kit.mo").open("wb") as file:
        write_mo(file, catalog)
    facts_of = tmp_path / "packs" / f"{name}-0.dist-info"
    facts_of.mkdir()
    (facts_of / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0\n")
    (facts_of / "entry_points.txt").write_text(f"[jupyterlab.languagepack]\n{LOCALE} = {name}\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packs"))


NOT_OURS = re.compile(
    r"side panel content|main area content|Shift\+Right Click for Browser Menu"  # the lab's own
    r"|il y a \d+ \w+|maintenant|[0-9a-f]{10}|ghcr\.io/team/digits-history"
    rf"|\b(digits|train\.py|more\.csv|first model|second model|HEAD|accuracy|Kitfile|ModelKits?|team|{getuser()})\b"
)
"""Data, names, times as the browser says them, and what the lab itself leaves in English."""


def english(page: Page) -> set[str]:
    """What is shown and is not in the language of the pack."""
    texts = page.evaluate(SHOWN)
    assert any("⟦" in text for text in texts)
    return {text for text in texts if "⟦" not in text and LETTERS.search(NOT_OURS.sub("", text))}


@pytest.mark.usefixtures("language")
def test_no_word_stays_english(folder: Path, start: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    digits = folder / "digits"
    digits.mkdir()
    with Workspace.init(digits) as workspace:
        for number, message in enumerate(("first model", "second model")):
            (digits / "train.py").write_text(f"rate = {number}\n")
            workspace.snapshot(message, metrics={"accuracy": 0.9 + number / 100}, tags=["v1"][number:])
    (digits / "more.csv").write_text("a,b\n")
    page = open_page(start(folder))
    page.evaluate(
        """async locale => {
            const settings = window.jupyterapp.serviceManager.settings;
            await settings.save('@jupyterlab/translation-extension:plugin', JSON.stringify({locale}));
        }""",
        LOCALE,
    )
    page.reload()
    page.wait_for_function(READY)
    found: dict[str, set[str]] = {}
    run(page, "show-panel")
    panel = page.locator(".jk-Panel")
    expect(panel.get_by_role("button", name="⟦Keep versions of this folder⟧")).to_be_visible()
    found["no workspace"] = english(page)
    execute(page, "filebrowser:open-path", path="digits")
    expect(panel.get_by_role("option", name="second model")).to_be_visible()
    run(page, "list")
    run(page, "remote")
    panel.get_by_role("button", name="⟦Find snapshots⟧").click()
    found["panel"] = english(page)
    panel.get_by_role("option", name="first model").click(button="right")
    expect(page.locator(".lm-Menu-item").first).to_be_visible()
    found["menu of a snapshot"] = english(page)
    page.keyboard.press("Escape")
    run(page, "rollback", name="v1")
    expect(page.get_by_role("dialog")).to_be_visible()
    found["rollback"] = english(page)
    page.keyboard.press("Escape")
    run(page, "open-diff")
    expect(page.locator(".jk-Diff")).to_be_visible()
    found["comparison"] = english(page)
    picture(page, "language")
    run(page, "pack")
    expect(page.get_by_label("⟦Reference⟧", exact=True)).to_have_value("digits:latest")
    found["pack"] = english(page)
    run(page, "add-remote")
    expect(panel.get_by_label("⟦Place⟧", exact=True)).to_be_visible()
    found["add a remote"] = english(page)
    assert {name: texts for name, texts in found.items() if texts} == {}
