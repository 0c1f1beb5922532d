"""Step 1, map: who provides what support and advice, to whom, and at which point of the journey.

Tables left for later steps (lists joined by ``;``):

- ``completeness``: one row per (``table``, ``measure``): ``filled``, ``out_of``, ``share``, ``recorded``; of two lists
  ``listed`` (with ``share_low`` and ``share_high``), ``first_list``, ``second_list`` and ``on_both_lists``.
- ``services_in_force``: one row per service that counts in the year, any audience, with its ``layer`` and ``freshness``; see :func:`in_force`.
- ``coverage``: one row per (``facet``, ``support_type``, ``code``): ``services``, ``providers``, ``dated``, ``possible``,
  ``open_to_all``, ``status`` ∈ covered, general, unknown, none, ``service_ids``.
- ``need_areas``: one row per ``need_area``: ``status`` (covered, none, unknown), ``services``, ``from_own_coding``, ``derived``, ``providers``, ``service_ids``.
- ``codings``: one row per ``barrier``, and ``all``: ``agreed``, ``disputed`` (services), ``alpha``, ``reading``.
- ``concentration``: one row per ``need_area``: see :func:`eis_lib.methods.landscape.concentration`.
- ``provider_roles``: one row per provider: see :func:`eis_lib.methods.landscape.provider_roles`.
- ``findings``.

But for ``services_in_force`` and the inventory, everything counts services for firms of the region: those for incoming
investors or other support bodies are kept out and named.
"""

from eis_lib.pack.facets import FACET_CHOICES
from eis_lib.steps.map._codings import codings
from eis_lib.steps.map._contents import LEAVES
from eis_lib.steps.map._coverage import COVERAGE_FACETS, coverage, coverage_cells
from eis_lib.steps.map._headline import headline
from eis_lib.steps.map._inventory import WANTED, completeness, in_force, sources, years
from eis_lib.steps.map._meaning import limits, meaning
from eis_lib.steps.map._needs import concentration, need_areas
from eis_lib.steps.map._providers import PROVIDERS_DRAWN, network, providers
from eis_lib.steps.map._view import MONEY, Extremes

__all__ = [
    "COVERAGE_FACETS",
    "FACET_CHOICES",
    "LEAVES",
    "MONEY",
    "PROVIDERS_DRAWN",
    "WANTED",
    "Extremes",
    "codings",
    "completeness",
    "concentration",
    "coverage",
    "coverage_cells",
    "headline",
    "in_force",
    "limits",
    "meaning",
    "need_areas",
    "network",
    "providers",
    "sources",
    "years",
]
