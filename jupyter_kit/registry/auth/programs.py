"""Credential programs: ``docker-credential-NAME``, which keep passwords in the system's own safe (docker-credential-helpers)."""

from __future__ import annotations

import json
import shutil
import subprocess

from jupyter_kit.errors import InvalidInput, Unauthorized
from jupyter_kit.registry.auth.credential import TOKEN_USER, Credential, ProgramNamed
from jupyter_kit.registry.http.secret import Secret, redact

PROGRAM_SECONDS_MAX = 30
"""How long a program may take; one that asks somebody may take a while, one that hangs must not stop us for good."""

ABSENT = "credentials not found"
"""How a program says that it has none: on standard output, with exit code 1."""


def get(program: ProgramNamed) -> Credential | None:
    """What the program keeps for a registry. Raises InvalidInput where it is missing or speaks nonsense, Unauthorized where it fails."""
    output = _run(program, "get", program.key)
    if output is None:
        return None
    try:
        answer = json.loads(output)
        username, secret = answer["Username"], answer["Secret"]
    except (ValueError, KeyError, TypeError):
        username = secret = None
    if not isinstance(username, str) or not isinstance(secret, str):  # Not chained: the parser's error repeats the secret.
        raise InvalidInput(f"docker-credential-{program.name} does not answer as a credential program does.", hint="Reinstall it.")
    origin = f"docker-credential-{program.name}"
    if username == TOKEN_USER:
        return Credential(identity_token=Secret(secret), origin=origin)
    return Credential(username, Secret(secret), origin=origin) if secret else None


def store(program: ProgramNamed, credential: Credential) -> None:
    """Let the program keep a credential. Raises InvalidInput, Unauthorized."""
    secret = credential.identity_token or credential.password
    if secret is None:
        raise InvalidInput("A bearer token cannot be kept by a credential program.", hint="Set JUPYTER_KIT_TOKEN instead.")
    username = TOKEN_USER if credential.identity_token else credential.username
    _run(program, "store", json.dumps({"ServerURL": program.key, "Username": username, "Secret": secret.reveal()}))


def erase(program: ProgramNamed) -> bool:
    """Let the program forget a registry; whether it knew it. Raises InvalidInput, Unauthorized."""
    if _run(program, "get", program.key) is None:
        return False
    return _run(program, "erase", program.key) is not None


def _run(program: ProgramNamed, action: str, text: str) -> str | None:
    """The program's output; None where it has no such credential."""
    command = shutil.which(f"docker-credential-{program.name}")
    if command is None:
        raise InvalidInput(
            f"docker-credential-{program.name}, which keeps the credentials of {program.key}, is not installed.",
            hint="Install it, or take its name out of docker's config.json.",
        )
    try:
        done = subprocess.run([command, action], input=text.encode(), capture_output=True, check=False, timeout=PROGRAM_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        raise Unauthorized(
            f"docker-credential-{program.name} did not answer within {PROGRAM_SECONDS_MAX} s.", hint="Unlock the system's key ring."
        ) from None
    except OSError as error:
        raise InvalidInput(f"docker-credential-{program.name} cannot be run: {error.strerror}.", hint="Reinstall it.") from None
    output = done.stdout.decode(errors="replace").strip()
    if done.returncode == 0:
        return output
    if ABSENT in output.lower():
        return None
    said = redact(output or done.stderr.decode(errors="replace").strip()) or f"exit code {done.returncode}"
    raise Unauthorized(f"docker-credential-{program.name} failed: {said}.", hint="Unlock the system's key ring, or sign in again.")
