"""The commands: names, options and help. What they do is in modules of their own, imported when they run, so that
`--help` answers at once."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from pansori.cli.accounts_app import accounts_app
from pansori.cli.ask_app import ask
from pansori.cli.assets_app import assets_app
from pansori.cli.jobs_app import jobs_app
from pansori.cli.listen_app import listen
from pansori.cli.loading import loading
from pansori.cli.models_app import models_app
from pansori.cli.say_app import say
from pansori.cli.transcribe_app import transcribe
from pansori.domain.media import AudioFormat, Quality
from pansori.domain.tasks import Kind

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

app = typer.Typer(
    name="pansori",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings=HELP,
    help="""Songs that are really sung, made on your own machine.

    \b
    Make a song:       pansori song --genre "K-pop dance" --lyrics "Hello\\nworld"
    Start the server:  pansori serve          then open http://127.0.0.1:8080
    Check the machine: pansori doctor

    Settings are environment variables (or lines of a .env file): PANSORI_DATA_DIR, PORT, DATABASE_URL and more.
    Messages come in Korean where the locale is Korean (or PANSORI_LANG=ko); help is in English.

    \b
    Exit codes: 0 done · 1 failed · 2 cannot be used as typed · 3 not found · 4 conflict
                5 engine unavailable · 6 configuration · 130 cancelled
    """,
)
db_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings=HELP,
    help="""The database: look at it, bring it up to date.

    \b
    pansori db check
    pansori db upgrade

    A database in the data folder is upgraded by itself at start; a PostgreSQL server only by `pansori db upgrade`.
    """,
)
app.add_typer(jobs_app, name="jobs")
app.add_typer(accounts_app, name="accounts")
app.add_typer(assets_app, name="assets")
app.add_typer(models_app, name="models")
app.add_typer(db_app, name="db")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output, for programs.")]


def _version(wanted: bool) -> None:
    if wanted:
        from pansori import __version__

        print(f"pansori {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Options of every command."""


@app.command()
def song(
    genre: Annotated[
        str,
        typer.Option(
            "--genre", "-g", metavar="TEXT", help="Style in free words, Korean or English: genre, mood, tempo, voice."
        ),
    ],
    lyrics: Annotated[
        str,
        typer.Option(
            "--lyrics", "-l", metavar="TEXT|@FILE|-", help="What is sung, a line each. Without it: an instrumental."
        ),
    ] = "",
    duration: Annotated[
        float | None,
        typer.Option("--duration", "-d", metavar="SECONDS", help="Length, 1 to 600. Default: what the lyrics need."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", "-s", metavar="NUMBER", help="The same seed gives the same song. Default: chosen."),
    ] = None,
    audio_format: Annotated[
        AudioFormat | None, typer.Option("--format", "-f", help="Default: what the output's name ends in, or mp3.")
    ] = None,
    quality: Annotated[
        Quality, typer.Option("--quality", help="draft: soon there, up to 11 kHz. high: at 48 kHz, the largest files.")
    ] = Quality.STANDARD,
    sample_rate: Annotated[
        int | None,
        typer.Option("--sample-rate", metavar="HERTZ", help="16000, 22050, 24000, 32000, 44100 or 48000."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="FILE|FOLDER/", help="Where it goes. Default: this folder, named after the song."
        ),
    ] = None,
    artifacts: Annotated[
        Path | None,
        typer.Option("--artifacts", metavar="FOLDER", help="Also save stems, notes (MIDI), timed words (LRC), recipe."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE.svg", help="Also draw the song: waveform, notes, words.")
    ] = None,
    engine: Annotated[
        str | None, typer.Option("--engine", metavar="NAME", help="Who composes; see `pansori engines`.")
    ] = None,
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="Default: the first line of the lyrics.")] = "",
    options: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An option of the engine; may be repeated.")
    ] = None,
    json_output: Json = False,
) -> int:
    """Make a song, in this process, without a server.

    \b
    pansori song --genre "신나는 K-POP" --lyrics "여름이 왔네 햇살이 빛나네\\n바다로 가자 우리 함께"
    pansori song --genre "slow jazz ballad, 80 bpm" --lyrics @words.txt --output songs/
    pansori song --genre "lo-fi" --duration 60 --seed 7 --output rain.flac
    echo "Hello world" | pansori song --genre folk --lyrics - --json

    [verse], [chorus], [후렴] … on a line of their own mark sections. Ctrl-C cancels.
    """
    from pansori.cli.song import SongOrder, make_song

    order = SongOrder(
        genre=genre, lyrics=lyrics, duration=duration, seed=seed, format=audio_format, output=output,
        artifacts=artifacts, picture=picture, engine=engine, title=title, options=tuple(options or ()),
        json=json_output, quality=quality, sample_rate=sample_rate,
    )  # fmt: skip
    return make_song(order)


@app.command()
def analyze(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings: any sound, or film with sound.")],
    include: Annotated[
        str,
        typer.Option(
            "--include",
            "-i",
            metavar="NAMES",
            help="With commas: signal, fingerprint, loudness, stereo, voice, music. Default: all.",
        ),
    ] = "",
    kind: Annotated[
        Kind | None, typer.Option("--kind", help="What the recordings are. Default: told by their sound.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FOLDER", help="Save each analysis there: of take.wav, take.wav.json."),
    ] = None,
    csv_file: Annotated[
        str | None, typer.Option("--csv", metavar="FILE|-", help="Write a table: a row a file, a column a measure.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="FILE.html", help="Write a page that shows every answer with its plot."),
    ] = None,
    svg: Annotated[bool, typer.Option("--svg", help="Save the plots as SVG.")] = False,
    png: Annotated[bool, typer.Option("--png", help="Save the plots as PNG.")] = False,
    jams: Annotated[bool, typer.Option("--jams", help="Save annotations as JAMS.")] = False,
    textgrid: Annotated[bool, typer.Option("--textgrid", help="Save annotations as Praat's TextGrid.")] = False,
    audacity: Annotated[bool, typer.Option("--audacity", help="Save label tracks for Audacity.")] = False,
    sonic_visualiser: Annotated[
        bool, typer.Option("--sonic-visualiser", help="Save layers for Sonic Visualiser, as CSV.")
    ] = False,
    evaluate: Annotated[
        Path | None,
        typer.Option(
            "--evaluate",
            metavar="ANNOTATIONS",
            help="Score the music against a JAMS file, or against a folder of NAME.jams or NAME.LAYER.lab.",
        ),
    ] = None,
    engine: Annotated[
        str | None, typer.Option("--engine", metavar="NAME", help="Who analyses; see `pansori engines`.")
    ] = None,
    options: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An option of the engine; may be repeated.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", metavar="NUMBER", min=1, help="Files at once. Default: PANSORI_WORKERS."),
    ] = None,
    json_output: Json = False,
) -> int:
    """Measure recordings: signal, loudness, voice, music; and say why where a measure makes no sense.

    \b
    pansori analyze song.mp3
    pansori analyze *.wav --csv voices.csv --include voice --set pitch_floor=60
    pansori analyze interview.m4a --json
    pansori analyze song.mp3 --report song.html
    pansori analyze *.wav --textgrid --png --output found

    A file that cannot be analysed does not stop the rest. What was measured before is not measured again. What is
    saved is called after its recording and lies in --output, else in the working folder.
    """
    from pansori.cli.analyze import AnalysisOrder, analyze_files
    from pansori.cli.analyze_saved import chosen

    order = AnalysisOrder(
        files=files, include=include, kind=kind, engine=engine, options=tuple(options or ()), output=output,
        csv=csv_file, json=json_output, workers=workers, report=report,
        evaluate=evaluate,
        formats=chosen(svg=svg, png=png, jams=jams, textgrid=textgrid, audacity=audacity, sonic=sonic_visualiser),
    )  # fmt: skip
    return analyze_files(order)


app.command()(say)
app.command()(transcribe)
app.command()(ask)
app.command()(listen)


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option("--host", metavar="ADDRESS", help="Address to listen on. Default: 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", "-p", metavar="NUMBER", help="Default: 8080. 0: any free one.")
    ] = None,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="CONTRACTS", help="Answer these contracts' routes alone, as memoria,v1."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", "-w", metavar="NUMBER", help="Songs made at once. 0: none here, see `pansori worker`."
        ),
    ] = None,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", metavar="FILE", help="Certificate (PEM): serve HTTPS by it.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option("--tls-key", metavar="FILE", help="Its key. Default: in the certificate's file.")
    ] = None,
) -> int:
    """Start the server, and the workers that it needs.

    \b
    pansori serve                        then open http://127.0.0.1:8080
    pansori serve --port 9000 --workers 2
    pansori serve --only memoria         the Memoria Music API, and nothing beside it

    Ctrl-C ends it; jobs that were running go on at the next start. A second Ctrl-C ends it at once.
    """
    with loading():
        from pansori.cli.serve import run_server

        import_module("pansori.web")  # with FastAPI, which workers do without

    return run_server(host=host, port=port, only=only, workers=workers, tls_cert=tls_cert, tls_key=tls_key)


@app.command()
def worker(
    queues: Annotated[
        str, typer.Option("--queues", "-q", metavar="NAMES", help="Queues to work for, with commas.")
    ] = "cpu,gpu",
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", "-w", metavar="NUMBER", help="Processes for the queue `cpu`. Default: PANSORI_WORKERS."
        ),
    ] = None,
) -> int:
    """Carry out jobs for servers that share this one's database.

    \b
    DATABASE_URL=postgresql://… PANSORI_BROKER_URL=redis://… pansori worker
    pansori worker --queues cpu --workers 4
    """
    with loading():
        from pansori.cli.serve import run_worker

    return run_worker(queues=queues, workers=workers)


@app.command()
def engines(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One, as compose.space; or a family, as speak.")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--all", "-a", help="Tell of each what it is, and why it is not ready.")
    ] = False,
    json_output: Json = False,
) -> int:
    """Show the engines that are used: whether they are ready, and if not, what that takes.

    With a NAME or --all: what they are, their languages, and what they use here, such as voice, SoundFont, model.

    \b
    pansori engines
    pansori engines speak
    pansori engines --json      with licences and options
    """
    from pansori.cli.engines import show_engines

    return show_engines(name, whole=whole, as_json=json_output)


@app.command()
def doctor(json_output: Json = False) -> int:
    """Check this machine, and name the cure of what is missing.

    Looks at Python, codecs, engine and voice, SoundFont, fonts, database, broker, workers, disk, memory and port, and
    changes nothing. Ends with 1 when something that is needed is missing.

    \b
    pansori doctor
    pansori doctor --json
    """
    from pansori.cli.doctor import examine

    return examine(json_output)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE.tar", help="Where it goes. What is there is not replaced.")],
) -> int:
    """Write the whole installation, database and files, into one archive; servers and workers may go on.

    \b
    pansori backup songs-2026-11-21.tar

    It holds everything that the server has to know, secrets and hashed passwords too: keep it as you keep those.
    """
    from pansori.cli.backup import make_backup

    return make_backup(file)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE.tar", help="What `pansori backup` has written.")],
) -> int:
    """Bring an archive back, into an installation that is empty: of either size, with files in either kind of store.

    \b
    PANSORI_DATA_DIR=new pansori restore songs-2026-11-21.tar

    Jobs that were running go on at the next start.
    """
    from pansori.cli.backup import restore_backup

    return restore_backup(file)


@db_app.command()
def upgrade() -> int:
    """Bring the database to this program's version, or make it."""
    from pansori.cli.db import upgrade_database

    return upgrade_database()


@db_app.command()
def check(json_output: Json = False) -> int:
    """Say which database is used and whether it fits this program. Ends with 6 where it does not."""
    from pansori.cli.db import check_database

    return check_database(json_output)
