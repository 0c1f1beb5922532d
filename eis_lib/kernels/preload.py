"""What the fork server imports once, so that none of its kernels has to: import this module nowhere else.

The fork server of :mod:`multiprocessing` swallows a preload that cannot be imported. This module therefore never
fails to import; it says in :data:`PROBLEMS` what did, and every kernel reports that before it starts. :data:`THERE` is what is there.
"""

from __future__ import annotations

import gc
import importlib
import pkgutil
import sys

from eis_lib.kernels.server import leave_out_slow_extras

LIBRARIES = (
    # what every workbook imports, by way of eis_lib.workbook and its own step
    "eis_lib.workbook",
    "eis_lib.steps",
    # what these import when they are first used
    "narwhals.stable.v1._namespace",
    "narwhals._interchange.series",
    "narwhals._pandas_like.namespace",
    "pandas.core.methods.to_dict",
    "pandas.core.reshape.reshape",
    "pandas.io.formats.csvs",
    # what its forks do that are the workers of a run
    "eis_lib.batch.execute",
    # what is done in its forks beside notebooks: documents are written, and pages made, for which packs are checked
    "pandera.backends.pandas.register",
    "eis_lib.batch.documents",
    "eis_lib.documents.action_plan",
    "eis_lib.documents.dossier",
    "docxtpl",
    # the kernel itself, and what it imports while it starts and while it shows its first output
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "IPython.core.logger",
    "encodings.idna",
    "jinja2.ext",
    "encodings.utf_8_sig",
    "faulthandler",
    "tornado.platform.asyncio",
    "tornado.queues",
)
"""Modules to import; of a package, its modules too."""


def import_all(names: tuple[str, ...]) -> dict[str, str]:
    """Import the modules, and those of the packages among them; return name → reason for each that failed."""
    problems = {}
    ahead = list(names)
    while ahead:
        name = ahead.pop(0)
        try:
            module = importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - whatever a module raises, its kernels have to know
            problems[name] = f"{type(error).__name__}: {error}"
            continue
        ahead += [
            f"{name}.{found.name}"
            for found in pkgutil.iter_modules(getattr(module, "__path__", ()))
            if name in names and name.startswith("eis_lib.")
        ]
    return problems


leave_out_slow_extras()

# As the documentation of gc advises before a fork: what is imported stays for good, so it is not searched for what may
# go while it grows (a quarter of the time), and is then put out of the collector's sight. Its pages are not touched by
# a collection in a kernel, and so are never copied.
gc.disable()

PROBLEMS = import_all(LIBRARIES)

THERE = frozenset(sys.modules)

gc.freeze()

gc.enable()
