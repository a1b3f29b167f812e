"""A clone of the repository to try the documentation in, and a shell in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.documentation.blocks import Block, Step
from tests.documentation.forks import write_caller

ROOT = Path(__file__).resolve().parents[2]
_MARK = "--- end of a step:"
_SAMPLES = """
from retention import clock
from retention.sample import generate
from retention.workspace import Workspace
generate(Workspace.from_env().store_file, as_of=clock.today(), usage_rows=0)
"""
_NIGHT = ["run", "--decisions", "example"]


@dataclass(frozen=True)
class Done:
    """A step, the code it ended with, what it printed."""

    step: Step
    code: int
    printed: str


class Desk:
    """One clone for all pages, cleared for each: the commands are forks of one process that was started in it."""

    def __init__(self, folder: Path) -> None:
        self.clone, self.kept, self._tools = folder / "clone", folder / "kept", folder / "bin"
        self._tools.mkdir(parents=True)
        self._lay_out()
        address = folder / "calls"
        write_caller(self._tools / "retention", address)
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.documentation.forks", str(address)],
                cwd=self.clone,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + 300
        while not address.exists():
            if self._process.poll() is not None or time.monotonic() > end:
                self.close()
                raise RuntimeError((folder / "log").read_text(encoding="utf-8")[-2000:])
            time.sleep(0.05)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def environment(self) -> dict[str, str]:
        """The environment of somebody who has activated `.venv` and set nothing."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("RETENTION_", "AIRFLOW", "PYTEST"))}
        path = [str(self._tools), str(Path(sys.executable).parent), os.environ["PATH"]]
        return plain | {"PATH": os.pathsep.join(path), "PYTHONPATH": f"{self.clone / 'plugins'}{os.pathsep}{self.clone}"}

    def begin(self, state: str) -> None:
        """The clone as it is after `git clone`, and what a page begins with in it."""
        for path in list(self.clone.iterdir()):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        self._lay_out()
        if state != "nothing":
            shutil.copytree(self._state(state), self.clone, dirs_exist_ok=True)

    def shell(self, blocks: Iterable[Block], more: Mapping[str, str] | None = None) -> list[Done]:
        """Writes the files and has the commands of blocks, in order, in one shell. It ends with the first that fails."""
        steps: list[Step] = []
        script: list[str] = []
        for block in blocks:
            if block.language == "console":
                for step in block.steps():
                    script += [step.command, f'code=$?; echo; echo "{_MARK} $code"; [ "$code" = 0 ] || exit 1']
                    steps.append(step)
            else:
                script.append(_written(block))
        done = subprocess.run(
            ["bash", "--noprofile", "--norc"],
            input="\n".join(script) + "\n",
            cwd=self.clone,
            env=self.environment() | dict(more or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return _told(steps, done.stdout)

    def _lay_out(self) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True
        )
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file() and not name.startswith("."):
                (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.clone / name)

    def _state(self, state: str) -> Path:
        """What `make demo` leaves, made once: the samples, or the samples after a night."""
        folder = self.kept / state
        if not folder.exists():
            if state == "samples":
                self._call([sys.executable, "-c", _SAMPLES])
            else:
                shutil.copytree(self._state("samples"), self.clone, dirs_exist_ok=True)
                self._call([str(self._tools / "retention"), *_NIGHT])
            for name in ("var", "output"):
                if (self.clone / name).exists():
                    shutil.copytree(self.clone / name, folder / name)
        return folder

    def _call(self, command: list[str]) -> None:
        done = subprocess.run(command, cwd=self.clone, env=self.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def _written(block: Block) -> str:
    """A file as its page shows it, or a change of one, by the hand of the shell."""
    end = "END_OF_THE_BLOCK"
    assert end not in block.text
    if block.language == "diff":
        return f"git apply --whitespace=nowarn - <<'{end}' || exit 1\n{block.text}{end}"
    return f"mkdir -p \"$(dirname '{block.title}')\" && cat >'{block.title}' <<'{end}'\n{block.text}{end}"


def _told(steps: list[Step], printed: str) -> list[Done]:
    done = []
    rest = printed
    for step in steps:
        before, mark, after = rest.partition(f"\n{_MARK} ")
        if not mark:
            return [*done, Done(step, -1, before)]
        code, _, rest = after.partition("\n")
        done.append(Done(step, int(code), before))
    return done
