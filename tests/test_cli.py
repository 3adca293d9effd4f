"""The command line's plumbing: arguments, formats, files, errors, exit codes; on an engine without a pipeline."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import plain_engine
import pytest
import yaml
from jsonschema import Draft202012Validator

import claimx.cli
from claimx.cli import COMMANDS, cli, run
from claimx.schema import build_schema

FIRST = """Il porto riapre lunedì

I lavori del molo sono finiti, ha detto l’assessore.

Il sindaco è contento della notizia che aspettava da mesi.
"""
SECOND = """Il mercato chiude

Le bancarelle della piazza resteranno chiuse per tutta la settimana.

Gli ambulanti non sono d’accordo e hanno scritto al prefetto.

La risposta è attesa per domani.
"""
SCRIPT = Path(plain_engine.__file__)
ROOT = Path(claimx.cli.__file__).parents[2]


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, module in plain_engine.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "CLAIMX_DEBUG", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # for processes, which start elsewhere
    monkeypatch.chdir(tmp_path)
    Path("porto.txt").write_text(FIRST, encoding="utf-8")
    Path("mercato.txt").write_text(SECOND, encoding="utf-8")


Claimx = Callable[..., tuple[int, str, str]]


@pytest.fixture(name="claimx")
def claimx_(capfd: pytest.CaptureFixture[str]) -> Claimx:
    def call(*args: str) -> tuple[int, str, str]:
        capfd.readouterr()
        code = run(list(args))
        sys.stdout.flush()
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return call


def give_stdin(monkeypatch: pytest.MonkeyPatch, data: bytes, *, terminal: bool = False) -> None:
    class Input(io.TextIOWrapper):
        def isatty(self) -> bool:
            return terminal

    monkeypatch.setattr(sys, "stdin", Input(io.BytesIO(data)))


def spawn(*args: str, **options: Any) -> subprocess.Popen[bytes]:
    """The command line in a process of its own, on the plain engine."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([sys.executable, str(SCRIPT), *args], **streams)


def leftovers() -> list[str]:
    return [path.name for path in Path().iterdir() if path.name.startswith(".claimx-")]


# Formats


def test_yaml_in_a_pipe(claimx: Claimx) -> None:
    code, out, err = claimx("extract", "porto.txt")
    record = yaml.safe_load(out)
    assert (code, err) == (0, "")
    Draft202012Validator(build_schema()).validate(record)
    assert record["document"]["id"] == "porto" and record["document"]["path"] == "porto.txt"
    assert [claim["claim"] for claim in record["claims"]] == FIRST.strip().split("\n\n")


@pytest.mark.parametrize("format", ["yaml", "json", "jsonl", "table", "csv"])
def test_every_format(claimx: Claimx, format: str) -> None:
    code, out, err = claimx("extract", "porto.txt", "-f", format)
    assert code == 0 and err == "" and "l’assessore" in out


def test_several_files(claimx: Claimx) -> None:
    files = ("extract", "porto.txt", "mercato.txt", "-f")
    documents = list(yaml.safe_load_all(claimx(*files, "yaml")[1]))
    assert [document["document"]["id"] for document in documents] == ["porto", "mercato"]
    assert json.loads(claimx(*files, "json")[1]) == documents
    assert [json.loads(line) for line in claimx(*files, "jsonl")[1].splitlines()] == documents
    rows = list(csv.DictReader(io.StringIO(claimx(*files, "csv")[1])))
    assert [row["document"] for row in rows] == ["porto"] * 3 + ["mercato"] * 4
    table = claimx(*files, "table")[1]
    assert "porto.txt" in table and "mercato.txt" in table


def test_one_json_file_is_an_object_several_are_an_array(claimx: Claimx) -> None:
    assert isinstance(json.loads(claimx("extract", "porto.txt", "-f", "json")[1]), dict)
    code, out, _ = claimx("extract", "porto.txt", "no.txt", "-f", "json")
    assert code == 1 and [record["document"]["id"] for record in json.loads(out)] == ["porto"]


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("out.yaml", "claimx: 1\n"), ("out.YML", "claimx: 1\n"), ("out.json", "{\n"), ("out.jsonl", '{"claimx"'),
        ("out.ndjson", '{"claimx"'), ("out.csv", "document,path"), ("out.txt", "Il porto riapre lunedì\n"),
    ],
)  # fmt: skip
def test_output_by_suffix(claimx: Claimx, name: str, start: str) -> None:
    code, out, err = claimx("extract", "porto.txt", "-o", name)
    assert (code, out, err) == (0, "", "")
    assert Path(name).read_bytes().decode().startswith(start)


def test_format_goes_before_suffix(claimx: Claimx) -> None:
    assert claimx("extract", "porto.txt", "-o", "out.txt", "-f", "json")[0] == 0
    assert json.loads(Path("out.txt").read_text(encoding="utf-8"))["claimx"] == 1
    assert claimx("extract", "porto.txt", "-o", "out", "-f", "yaml")[0] == 0


def test_csv_lines_end_as_spreadsheets_want(claimx: Claimx) -> None:
    claimx("extract", "porto.txt", "-o", "out.csv", "--excel")
    data = Path("out.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfdocument;") and data.count(b"\r\n") == 4
    assert claimx("extract", "porto.txt", "--excel")[1].startswith("\ufeffdocument;")


def test_table_language_follows_the_locale(claimx: Claimx, monkeypatch: pytest.MonkeyPatch) -> None:
    def head(*args: str) -> str:
        return claimx("extract", "porto.txt", "-f", "table", *args)[1].splitlines()[2]

    assert "level" in head()
    monkeypatch.setenv("LANG", "it_IT.UTF-8")
    assert "livello" in head() and "level" in head("--lang", "en")
    monkeypatch.setenv("LC_MESSAGES", "en_GB.UTF-8")
    assert "level" in head()
    monkeypatch.setenv("LC_ALL", "it_CH")
    assert "livello" in head()
    monkeypatch.setenv("LC_ALL", "")
    assert "level" in head() and "livello" in head("--lang", "it")


# Selection


def claims(out: str) -> list[dict[str, Any]]:
    found = yaml.safe_load(out)["claims"]
    assert isinstance(found, list)
    return found


def test_filters(claimx: Claimx) -> None:
    def ids(*args: str) -> list[int]:
        code, out, err = claimx("extract", "mercato.txt", *args)
        assert (code, err) == (0, "")
        return [claim["id"] for claim in claims(out)]

    assert ids() == [1, 2, 3, 4]
    assert ids("--attributed") == [1, 2, 4]
    assert ids("--level", "author") == [3]
    assert ids("--level", "author", "--level", "named-person") == [1, 3, 4]
    assert ids("--who", "NICOLO D'AMICO") == [1, 4]
    assert ids("--who", "nicolò", "--who", "dossier") == [1, 2, 4]
    assert ids("--min-confidence", "0.5") == [1, 2, 4]
    assert ids("--who", "dossier", "--min-confidence", "0.6") == []
    assert ids("--attributed", "--level", "author") == []


def test_ids_and_within_stay_as_they_are(claimx: Claimx) -> None:
    kept = claims(claimx("extract", "mercato.txt", "--level", "unnamed-sources")[1])
    assert [(claim["id"], claim["within"]) for claim in kept] == [(2, 1)]


# Options of the document


def test_id_and_date(claimx: Claimx) -> None:
    document = yaml.safe_load(claimx("extract", "porto.txt", "--id", "p-1", "--date", "2025-11-19")[1])["document"]
    assert (document["id"], document["date"]) == ("p-1", "2025-11-19")
    assert (
        yaml.safe_load(claimx("extract", "porto.txt", "--date", "19 novembre 2025")[1])["document"]["date"]
        == "2025-11-19"
    )


def test_encoding(claimx: Claimx) -> None:
    Path("latino.txt").write_bytes(FIRST.encode("cp1252"))
    _, out, _ = claimx("extract", "latino.txt", "--encoding", "cp1252")
    assert "l’assessore" in out


def test_text_is_what_offsets_count_in(claimx: Claimx) -> None:
    Path("righe.txt").write_bytes(FIRST.replace("\n", "\r\n").replace("finiti", "finiti 🚢").encode())
    code, out, _ = claimx("extract", "righe.txt", "--text", "testo.txt")
    text = Path("testo.txt").read_bytes().decode()
    assert code == 0 and "\r\n" in text
    for claim in claims(out):
        assert "".join(text[start:end] for start, end in claim["spans"]["claim"]) == claim["claim"]


def test_explain(claimx: Claimx) -> None:
    assert "evidence" not in claims(claimx("extract", "porto.txt")[1])[0]
    assert claims(claimx("extract", "porto.txt", "--explain")[1])[0]["evidence"] == ["cue: none"]
    assert json.loads(claimx("extract", "porto.txt", "--explain", "-f", "jsonl")[1])["claims"][0]["evidence"] == [
        "cue: none"
    ]
    assert "· cue: none" in claimx("extract", "porto.txt", "--explain", "-f", "table")[1]


# Standard input


@pytest.mark.parametrize("args", [(), ("-",)])
def test_standard_input(claimx: Claimx, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...]) -> None:
    give_stdin(monkeypatch, FIRST.encode())
    code, out, err = claimx("extract", *args)
    document = yaml.safe_load(out)["document"]
    assert (code, err) == (0, "") and document["path"] == "-"


def test_terminal_on_standard_input_is_wrong_usage(claimx: Claimx, monkeypatch: pytest.MonkeyPatch) -> None:
    give_stdin(monkeypatch, b"", terminal=True)
    code, out, err = claimx("extract")
    assert (code, out) == (2, "") and err.startswith("claimx: no FILES given") and err.count("\n") == 1


def test_standard_input_among_files(claimx: Claimx, monkeypatch: pytest.MonkeyPatch) -> None:
    give_stdin(monkeypatch, SECOND.encode())
    paths = [record["document"]["path"] for record in yaml.safe_load_all(claimx("extract", "porto.txt", "-")[1])]
    assert paths == ["porto.txt", "-"]


def test_empty_standard_input(claimx: Claimx, monkeypatch: pytest.MonkeyPatch) -> None:
    give_stdin(monkeypatch, b"")
    code, out, err = claimx("extract")
    assert (code, out) == (1, "") and err == "claimx: standard input: is empty\n"


# Wrong usage


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("porto.txt", "-f", "xml"), "xml"),
        (("porto.txt", "--nope"), "--nope"),
        (("porto.txt", "-o", "out.doc"), "stands for no format"),
        (("porto.txt", "-o", "out"), "stands for no format"),
        (("porto.txt", "--level", "nobody"), "nobody"),
        (("porto.txt", "--min-confidence", "2"), "range"),
        (("porto.txt", "--min-confidence", "x"), "x"),
        (("porto.txt", "--date", "ieri"), "not a date"),
        (("porto.txt", "--date", "2025-02-30"), "not a date"),
        (("porto.txt", "--encoding", "klingon"), "klingon"),
        (("porto.txt", "--encoding", "hex"), "hex"),
        (("porto.txt", "--lang", "fr"), "fr"),
        (("porto.txt", "--excel", "-f", "json"), "--excel"),
        (("porto.txt", "mercato.txt", "--id", "x"), "--id"),
        (("porto.txt", "mercato.txt", "--text", "x.txt"), "--text"),
        (("porto.txt", "--text", "-"), "--text"),
        (("porto.txt", "--text", "x.txt", "-o", "./x.txt"), "same file"),
        (("porto.txt", "-o", "porto.txt"), "is an input"),
        (("porto.txt", "-o", "../{folder}/porto.txt"), "is an input"),
        (("porto.txt", "--text", "porto.txt"), "is an input"),
        (("-", "-"), "only once"),
    ],
)
def test_wrong_usage(claimx: Claimx, args: tuple[str, ...], words: str) -> None:
    before = sorted(Path().iterdir())
    args = tuple(arg.format(folder=Path.cwd().name) for arg in args)
    code, out, err = claimx("extract", *args)
    assert (code, out) == (2, "")
    assert err.startswith("claimx: ") and err.count("\n") == 1 and words in err and "claimx extract --help" in err
    assert sorted(Path().iterdir()) == before and Path("porto.txt").read_text(encoding="utf-8") == FIRST


def test_a_link_to_an_input_is_no_output(claimx: Claimx) -> None:
    Path("link.txt").symlink_to("porto.txt")
    os.link("porto.txt", "hard.txt")
    for name in ("link.txt", "hard.txt"):
        assert claimx("extract", "porto.txt", "-o", name)[0] == 2
    assert Path("porto.txt").read_text(encoding="utf-8") == FIRST


def test_a_file_in_place_of_a_command(claimx: Claimx) -> None:
    code, _, err = claimx("porto.txt")
    assert code == 2 and "claimx extract porto.txt" in err
    assert claimx("nope")[0] == 2


# Failing inputs


def test_one_failing_file_stops_no_other(claimx: Claimx) -> None:
    Path("cartella").mkdir()
    Path("vuoto.txt").write_text("")
    Path("binario.bin").write_bytes(bytes(range(256)) * 40)
    Path("guasto.txt").write_text("Questo testo ha un FAULT nel mezzo di una frase.")
    failing = ["manca.txt", "cartella", "vuoto.txt", "binario.bin", "guasto.txt"]
    code, out, err = claimx("extract", "porto.txt", *failing, "mercato.txt", "-f", "jsonl")
    assert code == 1
    assert [json.loads(line)["document"]["id"] for line in out.splitlines()] == ["porto", "mercato"]
    lines = err.splitlines()
    assert [line.split(": ")[:2] for line in lines] == [["claimx", name] for name in failing]
    assert not any(line.count(name) > 1 for line, name in zip(lines, failing))


def test_unexpected_errors_are_one_line(claimx: Claimx, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("guasto.txt").write_text("Questo testo ha un FAULT nel mezzo di una frase.")
    code, _, err = claimx("extract", "guasto.txt")
    assert code == 1
    assert err == (
        "claimx: guasto.txt: internal error: ValueError: first line second line ␛[31m; CLAIMX_DEBUG=1 shows where\n"
    )
    assert "Traceback" in claimx("extract", "guasto.txt", "--debug")[2]
    monkeypatch.setenv("CLAIMX_DEBUG", "1")
    assert "Traceback" in claimx("extract", "guasto.txt")[2]


def test_names_with_control_characters(claimx: Claimx) -> None:
    code, _, err = claimx("extract", "a\x1b[31m\nb.txt")
    assert code == 1 and err.count("\n") == 1 and "\x1b" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="names are Unicode there")
def test_names_that_are_not_utf8(claimx: Claimx) -> None:
    name = os.fsdecode(b"citt\xe0.txt")
    Path(name).write_text(FIRST, encoding="utf-8")
    for format in ("yaml", "json", "jsonl", "csv", "table"):
        code, out, err = claimx("extract", name, "-f", format)
        assert (code, err) == (0, "") and "citt" in out
    assert claimx("extract", os.fsdecode(b"\xe0.txt"))[0] == 1


def test_no_claims_is_a_result(claimx: Claimx) -> None:
    code, out, err = claimx("extract", "porto.txt", "--who", "nessuno")
    assert (code, err) == (0, "") and claims(out) == []


def test_warnings(claimx: Claimx) -> None:
    english = (
        "The harbour will open again on Monday, the mayor said, and the works that were under way are now done. " * 5
    )
    Path("english.txt").write_text(english)
    code, out, err = claimx("extract", "english.txt")
    assert code == 0 and out
    assert re.fullmatch(r"claimx: english\.txt: warning: .*\n", err)
    assert claimx("extract", "english.txt", "-q")[2] == ""
    assert claimx("extract", "manca.txt", "-q")[2] != ""


def test_unknown_model(claimx: Claimx) -> None:
    code, out, err = claimx("extract", "porto.txt", "mercato.txt", "--model", "NO-PIPELINE", "-o", "out.yaml")
    assert (code, out) == (1, "") and err == "claimx: the pipeline 'NO-PIPELINE' cannot be loaded; install it\n"
    assert not Path("out.yaml").exists() and not leftovers()


def test_pipeline_is_loaded_once_and_only_for_what_can_be_read(claimx: Claimx, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[object] = []

    def load_pipeline(model: str | None = None) -> object:
        loaded.append(model)
        return plain_engine.load_pipeline()

    monkeypatch.setattr(sys.modules["claimx.nlp"], "load_pipeline", load_pipeline)
    claimx("extract", "manca.txt")
    assert loaded == []
    claimx("extract", "porto.txt", "manca.txt", "mercato.txt", "--model", "it_altro")
    assert loaded == ["it_altro"]


# Output files


@pytest.mark.parametrize("option", ["-o", "--text"])
@pytest.mark.parametrize("target", ["manca/out.yaml", "cartella", "cartella.yaml/", "porto.txt/out.yaml"])
def test_unwritable_output_is_found_before_the_pipeline_is_loaded(
    claimx: Claimx, monkeypatch: pytest.MonkeyPatch, option: str, target: str
) -> None:
    Path("cartella").mkdir()
    monkeypatch.delattr(sys.modules["claimx.nlp"], "load_pipeline")
    code, out, err = claimx("extract", "porto.txt", option, target, "-f", "yaml")
    assert (code, out) == (1, "") and err.startswith(f"claimx: {target}: ") and err.count("\n") == 1


def test_output_is_left_as_it_was_when_nothing_could_be_read(claimx: Claimx) -> None:
    Path("out.json").write_text("vecchio")
    assert claimx("extract", "manca.txt", "nemmeno.txt", "-o", "out.json")[0] == 1
    assert Path("out.json").read_text() == "vecchio" and not leftovers()
    assert claimx("extract", "manca.txt", "porto.txt", "-o", "out.json")[0] == 1
    assert json.loads(Path("out.json").read_text(encoding="utf-8"))[0]["claimx"] == 1 and not leftovers()


def test_nothing_half_written_when_the_writer_fails(claimx: Claimx, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("out.jsonl").write_text("vecchio")
    monkeypatch.setattr("claimx.writers.jsonl.dump_line", lambda record: 1 / 0)
    code, _, err = claimx("extract", "porto.txt", "-o", "out.jsonl")
    assert code == 1 and "ZeroDivisionError" in err and err.count("\n") == 1
    assert Path("out.jsonl").read_text() == "vecchio" and not leftovers()


# Processes: pipes and signals


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGPIPE there")
@pytest.mark.parametrize("format", ["yaml", "json", "jsonl", "csv", "table"])
def test_a_closed_pipe_is_silent(format: str) -> None:
    process = spawn("extract", *["porto.txt"] * 300, "-f", format)
    assert process.stdout and process.stderr
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(30) == 141


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGPIPE there")
def test_a_pipe_that_was_never_read() -> None:
    read, write = os.pipe()
    os.close(read)
    for args in (["schema"], ["extract", "porto.txt"], ["info"]):
        process = spawn(*args, stdout=write)
        assert process.stderr and process.stderr.read() == b""
        assert process.wait(30) == 141
    os.close(write)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Linux")
@pytest.mark.parametrize(
    "args", [["extract", "porto.txt"], ["schema"], ["extract", "porto.txt", "-o", "/dev/full", "-f", "csv"]]
)
def test_a_full_disk_is_one_line(args: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        process = spawn(*args, stdout=full)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.startswith(b"claimx: ") and b"No space left" in err and err.count(b"\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_leave_nothing_half_written(number: signal.Signals, code: int) -> None:
    Path("lento.txt").write_text("Questo testo è SLOW e non finisce più.", encoding="utf-8")
    Path("out.jsonl").write_text("vecchio")
    process = spawn("extract", "porto.txt", "lento.txt", "-o", "out.jsonl", start_new_session=True)
    assert process.stderr
    assert process.stderr.readline() == b"at work\n"
    time.sleep(0.05)
    process.send_signal(number)
    assert process.stderr.read().strip() == b""
    assert process.wait(30) == code
    assert Path("out.jsonl").read_text() == "vecchio" and not leftovers()


def test_closed_streams() -> None:
    driver = f"{sys.executable} {SCRIPT} extract porto.txt"
    done = subprocess.run(["sh", "-c", f"{driver} >&-"], check=False, capture_output=True)
    assert done.returncode == 1 and done.stderr.startswith(b"claimx: standard output is closed")
    assert subprocess.run(["sh", "-c", f"{driver} 2>&-"], check=False, capture_output=True).returncode == 0
    done = subprocess.run(["sh", "-c", f"{sys.executable} {SCRIPT} extract <&-"], check=False, capture_output=True)
    assert done.returncode == 2 and done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_payload_is_utf8_whatever_the_locale(encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    for format in ("yaml", "table", "csv"):
        process = spawn("extract", "porto.txt", "-f", format, env=environment)
        out, err = process.communicate(timeout=30)
        assert err == b"" and "l’assessore" in out.decode("utf-8")


# Help, version, completion


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom claimx.cli import run\ncode = run(['--help'])\n"
        "heavy = {'spacy', 'yaml', 'rich', 'numpy', 'claimx.reading', 'claimx.extraction', 'claimx.nlp', 'claimx.model', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)), code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[] 0\n")


@pytest.mark.parametrize("name", [None, *COMMANDS])
def test_help_is_worth_reading(claimx: Claimx, name: str | None) -> None:
    if name is not None and cli.get_command(click.Context(cli), name) is None:
        pytest.skip(f"no command {name} here")
    for flag in ("-h", "--help"):
        code, out, err = claimx(*([name] if name else []), flag)
        assert (code, err) == (0, "") and out.startswith("Usage: claimx")
        assert max(map(len, out.splitlines())) <= 80
    if name in (None, "extract", "batch"):
        assert "Examples:" in out and "Exit codes:" in out
    for line in re.findall(r"^ +claimx (\w+) .*", out, re.MULTILINE):
        assert line in {*COMMANDS, "COMMAND"}


def test_each_command_tells_in_the_list_what_it_tells_itself() -> None:
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command and command.name == name and command.short_help == COMMANDS[name][1]


def test_version(claimx: Claimx) -> None:
    code, out, _ = claimx("--version")
    assert code == 0 and re.fullmatch(r"claimx \d+\.\d+\.\d+\S*\n", out)


def test_no_arguments_show_help_as_wrong_usage(claimx: Claimx) -> None:
    code, out, err = claimx()
    assert "\nCommands:\n" in out + err and code in (0, 2)


def test_what_libraries_say_to_developers_stays_with_them() -> None:
    process = spawn("extract", "porto.txt", "mercato.txt")
    assert process.communicate(timeout=30)[1] == b"" and process.returncode == 0
    process = spawn("extract", "porto.txt", "--debug")
    assert b"a word to developers" in process.communicate(timeout=30)[1]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str) -> None:
    environment = {**os.environ, "_CLAIMX_COMPLETE": f"{shell}_source"}
    process = spawn(env=environment)
    out, err = process.communicate(timeout=30)
    if shell == "bash" and not out:
        pytest.skip(f"no bash that click accepts: {err.decode()}")
    assert b"_CLAIMX_COMPLETE" in out and process.returncode == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("claimx ex", "extract"),
        ("claimx extract --exp", "--explain"),
        ("claimx extract --level unn", "unnamed-sources"),
    ],
)
def test_completion(words: str, expected: str) -> None:
    environment = {
        **os.environ, "_CLAIMX_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")),
    }  # fmt: skip
    out, _ = spawn(env=environment).communicate(timeout=30)
    assert f"plain,{expected}" in out.decode().split()


# schema and info


def test_schema(claimx: Claimx) -> None:
    code, out, err = claimx("schema")
    assert (code, err) == (0, "") and json.loads(out) == build_schema()


def make_pipeline(folder: Path, **meta: Any) -> str:
    folder.mkdir()
    scores = {"dep_las": 0.8471, "ents_f": 0.7817, "speed": 9000.0, "tok2vec_loss": 1.0}
    content = {
        "lang": "it",
        "name": "prova",
        "version": "1.0",
        "license": "CC BY-SA 4.0",
        "performance": scores,
        **meta,
    }
    (folder / "meta.json").write_text(json.dumps(content), encoding="utf-8")
    return str(folder)


def test_info(claimx: Claimx) -> None:
    folder = make_pipeline(Path("pipeline"), description="no: 🚢")
    code, out, err = claimx("info", "--model", folder)
    told = yaml.safe_load(out)
    assert (code, err) == (0, "") and set(told) == {"claimx", "python", "spacy", "pipeline"}
    assert told["pipeline"]["name"] == "it_prova" and told["pipeline"]["version"] == "1.0"
    assert told["pipeline"]["license"] == "CC BY-SA 4.0" and told["pipeline"]["description"] == "no: 🚢"
    assert told["pipeline"]["scores"] == {"dependencies, labelled (LAS)": 0.847, "entities (F1)": 0.782}


def test_info_finds_packages_and_loads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    make_pipeline(Path("it_prova_pacco"))
    Path("it_prova_pacco/__init__.py").write_text("raise AssertionError('loaded')")
    code = (
        "import sys\nfrom claimx.cli import run\ncode = run(['info', '--model', 'it_prova_pacco'])\n"
        "print(sorted({'spacy', 'numpy', 'rich'} & set(sys.modules)), code)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((os.getcwd(), str(ROOT)))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert "name: it_prova\n" in done.stdout and done.stdout.endswith("[] 0\n")


@pytest.mark.parametrize("name", ["it_no_such_thing", "no/such/folder", "..", ""])
def test_info_of_no_pipeline(claimx: Claimx, name: str) -> None:
    code, out, err = claimx("info", "--model", name or "vuota")
    assert code == 1 and "claimx: 0" in out and err.count("\n") == 1 and "try" in err


def test_info_of_a_broken_pipeline(claimx: Claimx) -> None:
    Path("rotta").mkdir()
    for content in ("{", "[]"):
        Path("rotta/meta.json").write_text(content)
        code, _, err = claimx("info", "--model", "rotta")
        assert code == 1 and err.count("\n") == 1
