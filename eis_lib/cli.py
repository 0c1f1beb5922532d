"""The `eis` command: one verb per task, thin; each verb is a function of the module that does the work."""

from __future__ import annotations

import sys

import typer

from eis_lib.commands.documents import documents
from eis_lib.commands.exchange import export_pack, import_pack
from eis_lib.commands.lab import lab
from eis_lib.commands.packs import check, new
from eis_lib.commands.results import indicators, site, verify
from eis_lib.commands.run import run, status
from eis_lib.commands.say import say
from eis_lib.language.messages import LanguageError
from eis_lib.pack.folders import NoParametersError, PackError, RegionError

app = typer.Typer(
    name="eis",
    help="Review how a European region helps its SMEs to internationalise.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.command()(run)
app.command()(status)
app.command()(site)
app.command()(verify)
app.command()(documents)
app.command()(lab)
app.command("export")(export_pack)
app.command("import")(import_pack)
app.command()(indicators)
app.command()(check)
app.command()(new)


def main() -> None:
    """Run the command; bad input is one clear message and exit status 2, never a traceback."""
    try:
        app()
    except (LanguageError, RegionError, NoParametersError) as error:
        say(f"eis: {error}")
        sys.exit(2)
    except PackError as error:
        say(str(error))
        sys.exit(2)


if __name__ == "__main__":
    main()
