"""Reports, registers and the ledger's head on an object store that speaks S3: another process, over the network."""

from __future__ import annotations

import datetime as dt
import io
import json
import subprocess
import sys
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from cluster.parts import ROOT, free_port
from retention import clock, outputs
from retention.cli.app import app
from retention.errors import OutputError
from retention.evidence.records import LedgerHead
from retention.night.record import note_head, noted_head
from retention.night.steps import open_night, run_night
from retention.outputs import content, delivered, listed
from retention.sample import generate
from retention.workspace import Workspace
from tests import buckets


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return replace(Workspace.at(tmp_path, decision_set="example"), output_url="s3://papers/retention")


def names(bucket: Any) -> set[str]:
    return {found.key for found in bucket.objects.all()}


def command(workspace: Workspace, *arguments: str) -> Any:
    """What a command answers."""
    home = {"RETENTION_HOME": str(workspace.home), "RETENTION_OUTPUT": workspace.output_url, "RETENTION_DECISIONS": "example"}
    answer = CliRunner().invoke(app, [*arguments, "--json"], env=home)
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_a_night_s_papers_are_put_there_whole(bucket: Any, workspace: Workspace) -> None:
    generate(workspace.store_file, as_of=clock.today(), usage_rows=0)
    with delivered(workspace) as there:
        run_night(open_night(there, "usage", as_of=clock.today(), run_id="usage:one", dry_run=True))
        assert not [name for name in names(bucket) if not name.endswith(".writable")], "nothing is seen before it is finished"
    report = f"retention/reports/rapport-{clock.today()}.xlsx"
    assert names(bucket) == {report, "retention/reports/ledger-head.json"}
    book = openpyxl.load_workbook(io.BytesIO(bucket.Object(report).get()["Body"].read()))
    assert len(book.worksheets) > 5
    assert noted_head(workspace) == workspace.evidence(readonly=True).head()
    assert not workspace.output.exists(), "nothing is left on this machine"

    # what the command line writes afterwards is named as it is to be found, and an audit pack finds the reports
    month = f"retention/reports/monthly-report-{clock.today():%Y-%m}.xlsx"
    written = command(workspace, "report", "--month", f"{clock.today():%Y-%m}", "--lang", "en")
    assert written["workbook"] == f"s3://papers/{month}" and month in names(bucket)
    days = ("--from", str(clock.today()), "--to", str(clock.today()))
    pack = command(workspace, "audit-pack", *days)["file"].removeprefix("s3://papers/")
    with zipfile.ZipFile(io.BytesIO(bucket.Object(pack).get()["Body"].read())) as packed:
        assert {name for name in packed.namelist() if name.startswith("reports/")} == {
            report.removeprefix("retention/"),
            month.removeprefix("retention/"),
        }


def test_what_was_finished_before_an_error_is_there_and_half_a_file_is_not(bucket: Any, workspace: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), delivered(workspace) as there:
        note_head(there, LedgerHead(7, "a" * 64))
        (there.output / "reports" / ".half.xlsx.1.tmp").write_bytes(b"half")
        raise ZeroDivisionError
    assert names(bucket) == {"retention/reports/ledger-head.json"}
    assert json.loads(bucket.Object("retention/reports/ledger-head.json").get()["Body"].read())["seq"] == 7


def test_a_bucket_that_is_not_there_stops_a_night_before_it_begins(bucket: Any, workspace: Workspace) -> None:
    nowhere = replace(workspace, output_url="s3://nowhere/retention")
    with pytest.raises(OutputError, match="cannot be written") as error, delivered(nowhere) as there:
        there.output_folder("reports")
    assert "not shown" not in str(error.value)


def test_an_ordinary_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    plain = Workspace.from_env({"RETENTION_OUTPUT": f"file://{tmp_path}"})
    assert plain.output == tmp_path and plain.output_url == ""
    with delivered(plain) as same:
        assert same is plain


def test_the_command_line_writes_there_too(bucket: Any, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {
        "RETENTION_HOME": str(workspace.home),
        "RETENTION_OUTPUT": "s3://papers/cli",
        "RETENTION_DECISIONS": "example",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    generate(workspace.store_file, as_of=clock.today(), usage_rows=0)
    done = subprocess.run(
        [sys.executable, "-m", "retention.cli", "run", "--store", "usage", "--dry-run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"cli/reports/rapport-{clock.today()}.xlsx" in names(bucket)


# what lies there


FILES = {"register/registre-2026.xlsx": b"register", "reports/rapport d'essai.xlsx": b"r" * 2_500_000, "loose.zip": b""}


@pytest.fixture(params=["folder", "object store"])
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    """The same files in either place, and drafts, which count as not there."""
    made = Workspace.at(tmp_path)
    if request.param == "object store":
        request.getfixturevalue("bucket")
        made = replace(made, output_url=f"s3://{buckets.NAME}/retention")
    with delivered(made) as there:
        for name, held in {**FILES, "reports/.half.xlsx.1.tmp": b"half"}.items():
            path = there.output_folder(Path(name).parent.name) / Path(name).name
            path.write_bytes(held)
    return made


def test_what_lies_in_either_place_is_listed_alike_and_can_be_read(filled: Workspace) -> None:
    found = listed(filled)
    assert [(each.name, each.size) for each in found] == sorted((name, len(held)) for name, held in FILES.items())
    assert all(abs(dt.datetime.now(dt.UTC) - each.written) < dt.timedelta(minutes=1) for each in found)
    assert {each.name: b"".join(content(filled, each)) for each in found} == FILES


def test_only_what_is_under_the_prefix_is_listed(bucket: Any, workspace: Workspace) -> None:
    for key in (
        "retention-of-others/reports/a.xlsx",
        "reports/b.xlsx",
        "retention/../c.xlsx",
        "retention//d.xlsx",
        "retention/",
    ):
        bucket.put_object(Key=key, Body=b"x")
    assert listed(workspace) == ()
    bucket.put_object(Key="retention/reports/e.xlsx", Body=b"x")
    assert [each.name for each in listed(workspace)] == ["reports/e.xlsx"], "and another process may have written it"


def test_a_file_that_has_gone_since_is_refused_before_anything_of_it_is_given(filled: Workspace, request: Any) -> None:
    (loose,) = [each for each in listed(filled) if each.name == "loose.zip"]
    gone = replace(loose, name="reports/gone.xlsx")
    with pytest.raises(OutputError, match=r"does not give reports/gone\.xlsx \(FileNotFoundError\)"):
        content(filled, gone)


def at(workspace: Workspace, address: str) -> Workspace:
    """With an object store at another address."""
    return replace(workspace, output_options={"client_kwargs": {"endpoint_url": address}})


def test_an_object_store_out_of_reach_is_no_empty_one(bucket: Any, workspace: Workspace) -> None:
    with pytest.raises(OutputError, match="does not say what it holds") as error:
        listed(replace(workspace, output_url="s3://nowhere/retention"))
    assert "not shown" not in str(error.value)
    with pytest.raises(OutputError, match=r"\((EndpointConnectionError|FSTimeoutError)\)") as error:
        listed(at(workspace, f"http://127.0.0.1:{free_port()}"))
    assert "127.0.0.1" not in str(error.value), "what the client says is not repeated"


def test_an_object_store_that_says_nothing_is_given_up(
    bucket: Any, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outputs, "LISTING_SECONDS", 1.0)
    with buckets.silent() as address:
        began = time.monotonic()
        with pytest.raises(OutputError, match="FSTimeoutError"):
            listed(at(workspace, address))
    assert time.monotonic() - began < 6
