"""Whether policies meet the need, whether anything delivers them, and who answers for them (step 2, examine).

Pure functions of frames: no files, no widgets, no charts. Three habits hold throughout:

- a count keeps *dated* evidence (start and end year both known) apart from the rest;
- what the tables cannot tell is ``unknown`` or ``cannot be judged``, never zero and never "none";
- what we read out of other rows is labelled ``derived``, what somebody recorded is labelled ``given``.

List columns of the tables are tuples of text; an empty tuple is a missing value.
"""

from eis_lib.methods.policy._alignment import align_policies, align_promises, align_services
from eis_lib.methods.policy._codings import SETTLED, CoderAgreement, coder_agreement
from eis_lib.methods.policy._coherence import (
    COHERENCE_SCALE,
    coherence_candidates,
    coherence_matrix,
    coherence_pairs,
    coherence_sums,
)
from eis_lib.methods.policy._coverage import (
    cover_barriers,
    coverage_share,
    derive_service_barriers,
    policy_barriers,
    rank_agreement,
    rank_dependence,
    rank_spread,
)
from eis_lib.methods.policy._criteria import (
    ALPHA_RELIABLE,
    ALPHA_TENTATIVE,
    CRITERIA,
    Agreement,
    Level,
    agreement_interval,
    krippendorff_alpha,
    ratings_matrix,
    read_alpha,
    rubric,
    score_criteria,
)
from eis_lib.methods.policy._governance import ROLES, action_accountability, area_roles, governance_roles
from eis_lib.methods.policy._logic import (
    LOGIC_CHAIN,
    LOGIC_FAULTS,
    check_indicators,
    check_objectives,
    logic_faults,
    logic_graph,
    logic_reach,
    logic_summary,
)
from eis_lib.methods.policy._standing import STANDING, has_values, owner_closed, standing, standing_by_year
from eis_lib.methods.policy._surveys import (
    LEAST_BARRIERS,
    SURVEY_YEARS,
    choose_survey,
    list_surveys,
    weigh_barriers,
)

__all__ = [
    "ALPHA_RELIABLE",
    "ALPHA_TENTATIVE",
    "COHERENCE_SCALE",
    "CRITERIA",
    "LEAST_BARRIERS",
    "LOGIC_CHAIN",
    "LOGIC_FAULTS",
    "ROLES",
    "SETTLED",
    "STANDING",
    "SURVEY_YEARS",
    "Agreement",
    "CoderAgreement",
    "Level",
    "action_accountability",
    "agreement_interval",
    "align_policies",
    "align_promises",
    "align_services",
    "area_roles",
    "check_indicators",
    "check_objectives",
    "choose_survey",
    "coder_agreement",
    "coherence_candidates",
    "coherence_matrix",
    "coherence_pairs",
    "coherence_sums",
    "cover_barriers",
    "coverage_share",
    "derive_service_barriers",
    "governance_roles",
    "has_values",
    "krippendorff_alpha",
    "list_surveys",
    "logic_faults",
    "logic_graph",
    "logic_reach",
    "logic_summary",
    "owner_closed",
    "policy_barriers",
    "rank_agreement",
    "rank_dependence",
    "rank_spread",
    "ratings_matrix",
    "read_alpha",
    "rubric",
    "score_criteria",
    "standing",
    "standing_by_year",
    "weigh_barriers",
]
