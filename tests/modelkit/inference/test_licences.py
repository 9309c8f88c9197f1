"""Licences are known by the phrases that make them what they are, however the lines are broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_kit.modelkit.inference.licences import is_licence, licence_of_card, spdx_identifier

MIT_GRANT = """Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction. The above copyright notice and this permission notice (including the next paragraph)
shall be included in all copies."""

BSD_GRANT = """Redistribution and use in source and binary forms, with or without
 * modification, are permitted provided that the following conditions are met:
 * 2. Redistributions in binary form must reproduce the above copyright notice."""

ISC_GRANT = """Permission to use, copy, modify, and/or distribute this software for any
purpose with or without fee is hereby granted, provided that the above
copyright notice and this permission notice appear in all copies."""


def test_our_own_licence_is_known() -> None:
    assert spdx_identifier((Path(__file__).parents[3] / "LICENSE").read_text("utf-8")) == "Apache-2.0"


@pytest.mark.parametrize(
    ("text", "identifier"),
    [
        ("Apache License\n   Version 2.0, January 2004\n http://www.apache.org/licenses/", "Apache-2.0"),
        (f"MIT License\n\nCopyright (c) 2024 A B\n\n{MIT_GRANT}", "MIT"),
        (f"# The MIT License\n\n> {MIT_GRANT.replace(chr(10), chr(10) + '> ')}", "MIT"),
        (f"Copyright 2024\n\n{BSD_GRANT}", "BSD-2-Clause"),
        (f"BSD 3-Clause License\n{BSD_GRANT}\n3. Neither the name of the copyright holder nor", "BSD-3-Clause"),
        (f"{BSD_GRANT}\n3. All advertising materials mentioning features\n4. Neither the name of", "BSD-4-Clause"),
        ("GNU GENERAL PUBLIC LICENSE\n Version 2, June 1991", "GPL-2.0-only"),
        ("GNU GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007\n ... the GNU Affero General Public License version 3", "GPL-3.0-only"),
        ("GNU LIBRARY GENERAL PUBLIC LICENSE\n Version 2, June 1991", "LGPL-2.0-only"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 2.1, February 1999", "LGPL-2.1-only"),
        (
            "GNU LESSER GENERAL PUBLIC LICENSE\n Version 3, 29 June 2007\n terms of version 3 of the GNU General Public License",
            "LGPL-3.0-only",
        ),
        ("GNU AFFERO GENERAL PUBLIC LICENSE\n Version 3, 19 November 2007", "AGPL-3.0-only"),
        ("Mozilla Public License Version 2.0\n====", "MPL-2.0"),
        ("subject to the terms of the Mozilla Public\nLicense, v. 2.0.", "MPL-2.0"),
        ("Attribution 4.0 International\n\n====", "CC-BY-4.0"),
        ("Creative Commons Attribution-ShareAlike 4.0 International Public License", "CC-BY-SA-4.0"),
        ("Creative Commons Attribution-NonCommercial 4.0 International", "CC-BY-NC-4.0"),
        ("Attribution-NonCommercial-ShareAlike 4.0 International", "CC-BY-NC-SA-4.0"),
        ("Attribution-NoDerivatives 4.0 International", "CC-BY-ND-4.0"),
        ("Attribution-NonCommercial-NoDerivatives 4.0 International", "CC-BY-NC-ND-4.0"),
        ("Creative Commons Legal Code\n\nCC0 1.0 Universal", "CC0-1.0"),
        ("This is free and unencumbered software released into the public domain.", "Unlicense"),
        (ISC_GRANT, "ISC"),
        ("Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted.", ""),
        ("LLAMA 3.1 COMMUNITY LICENSE AGREEMENT\n Llama 3.1 Version Release Date: July 23, 2024", ""),
        ("BigScience RAIL License v1.0\n Open RAIL-M", ""),
        ("All rights reserved.", ""),
        ("", ""),
    ],
)
def test_a_text_is_known_by_its_phrases(text: str, identifier: str) -> None:
    assert spdx_identifier(text) == identifier


@pytest.mark.parametrize(
    ("card", "identifier"),
    [
        ("---\nlanguage: en\nlicense: apache-2.0\ntags:\n- x\n---\n# Model", "Apache-2.0"),
        ('---\r\nlicense: "cc-by-nc-4.0"\r\n---\r\n', "CC-BY-NC-4.0"),
        ("---\nlicense: gpl-3.0\n---\n", "GPL-3.0-only"),
        ("---\nlicense: openrail\n---\n", ""),
        ("---\nlicense: llama3.1\n---\n", ""),
        ("---\nlanguage: en\n---\nlicense: mit\n", ""),
        ("# license: mit\n", ""),
        ("---\nlicense: mit\n", ""),
    ],
)
def test_a_card_names_a_licence_at_its_top(card: str, identifier: str) -> None:
    assert licence_of_card(card) == identifier


@pytest.mark.parametrize("path", ["LICENSE", "a/LICENCE.txt", "license.md", "COPYING", "COPYING.LESSER", "LICENSE-MIT", "UNLICENSE"])
def test_files_that_hold_licences(path: str) -> None:
    assert is_licence(path)


@pytest.mark.parametrize("path", ["licenses.py", "LICENSE/x", "my_license", "relicense.md", ""])
def test_files_that_do_not(path: str) -> None:
    assert not is_licence(path)
