"""Real exits whose notice and effect are known to the day: facts to compute against, and those that cannot be computed.

From public records of depositaries and news agencies. `given` is the day on which the notice was received, or, where
the instrument is left by declaration, the day of it.
"""

from __future__ import annotations

from typing import NamedTuple


class Exit(NamedTuple):
    """One exit: the case, the words that name the instrument, the day of the notice, the day of effect."""

    case: str
    words: str
    given: str
    effect: str


COMPUTED = (
    Exit("EE:APMBC", "Ottawa Convention", "2025-06-27", "2025-12-27"),
    Exit("LV:APMBC", "Ottawa Convention", "2025-06-27", "2025-12-27"),
    Exit("PL:APMBC", "Ottawa Convention", "2025-08-20", "2026-02-20"),
    Exit("FI:APMBC", "Ottawa Convention", "2025-07-10", "2026-01-10"),
    Exit("LT:CCM", "Convention on Cluster Munitions", "2024-09-06", "2025-03-06"),
    Exit("US:INF", "INF Treaty", "2019-02-02", "2019-08-02"),
    Exit("US:OST", "Open Skies Treaty", "2020-05-22", "2020-11-22"),
    Exit("BI:ROME", "Rome Statute", "2016-10-27", "2017-10-27"),
    Exit("TR:ISTANBUL", "Istanbul Convention", "2021-03-22", "2021-07-01"),
    Exit("US:PARIS", "Paris Agreement", "2019-11-04", "2020-11-04"),
    Exit("US:WHO", "World Health Organization", "2025-01-22", "2026-01-22"),
    Exit("US:UNESCO", "UNESCO", "2017-10-12", "2018-12-31"),
    Exit("US:UNESCO", "UNESCO", "2025-07-22", "2026-12-31"),
    Exit("BF:ECOWAS", "ECOWAS", "2024-01-28", "2025-01-29"),
    Exit("ML:ECOWAS", "ECOWAS", "2024-01-28", "2025-01-29"),
    Exit("NE:ECOWAS", "ECOWAS", "2024-01-28", "2025-01-29"),
    Exit("VE:ACHR", "American Convention on Human Rights", "2012-09-10", "2013-09-10"),
    Exit("JM:ICCPR~op1", "Optional Protocol to the Covenant (OP1)", "1997-10-23", "1998-01-23"),
    Exit("BO:ICSID", "ICSID Convention", "2007-05-02", "2007-11-03"),
    Exit("VE:ICSID", "ICSID Convention", "2012-01-24", "2012-07-25"),
    Exit("QA:OPEC", "OPEC", "2018-12-03", "2019-01-01"),
    Exit("IT:ECT", "Energy Charter Treaty", "2014-12-31", "2016-01-01"),
    Exit("FR:ECT", "Energy Charter Treaty", "2022-12-07", "2023-12-08"),
    Exit("DE:ECT", "Energy Charter Treaty", "2022-12-19", "2023-12-20"),
    Exit("LU:ECT", "Energy Charter Treaty", "2023-06-16", "2024-06-17"),
)


class Uncomputed(NamedTuple):
    """One exit whose date the rule does not give, and why."""

    case: str
    given: str | None
    effect: str | None
    why: str


NOT_COMPUTED = (
    Uncomputed("RU:CFE", None, "2023-11-07", "the day of the notice is not recorded, and the state named the day"),
    Uncomputed("US:ATT", "2019-07-18", None, "a signatory that un-signs is bound by no notice period"),
    Uncomputed("ZA:ROME", "2016-10-19", None, "the notice was revoked before the year had passed"),
    Uncomputed(
        "RU:COE", "2022-03-15", "2022-03-16", "expelled the day after the notice; financial years rule the rest"
    ),
    Uncomputed("RU:BSGI", None, "2023-07-17", "a fixed term that was not prolonged"),
    Uncomputed("GB:EU", "2017-03-29", "2020-01-31", "the two years were prolonged by agreement"),
    Uncomputed("US:WHO", "2020-07-06", None, "retracted before the year had passed"),
    Uncomputed(
        "AR:WHO", "2025-03-17", "2026-03-17", "the constitution has no exit clause; the year is in a US law only"
    ),
    Uncomputed("ER:AU~igad", None, "2025-12-12", "the group row knows no period for this body"),
    Uncomputed("MV:COMMONWEALTH", None, "2016-10-13", "no notice is asked for"),
    Uncomputed("RW:AFCOURT", "2016-02-24", "2017-03-01", "the court itself fixed the day, five days after the year"),
    Uncomputed("AE:OPEC", "2026-04-28", "2026-05-01", "left at once; the rule rests on general knowledge"),
    Uncomputed("AU:ECT", "2021-10-15", "2021-12-13", "a signatory ended provisional application: sixty days"),
    Uncomputed("PH:SOFA~ph-us-vfa", "2020-02-11", None, "recalled before the 180 days had passed"),
    Uncomputed("BR:GCM", None, "2019-01-08", "soft law, no notice is asked for"),
)

# The other real moves that are known to the day: why the register's rule gives no date of effect for them.
NO_DATE: dict[str, tuple[str, ...]] = {
    "a suspension asks for no notice of leaving": (
        "RU:NEWSTART", "US:CFE", "PL:CFE", "TR:CFE", "RU:~research-us", "KR:CMA2018", "RU:~fishing-jp", "UZ:CSTO",
        "DZ:~friendship-es", "IN:INDUS", "TH:~peace-kh", "GB:~extradition-hk", "CA:~extradition-hk",
    ),
    "a ratification or signature taken back knows no notice": ("RU:CTBT", "US:TRADE~tpp", "US:ATT"),
    "expired, nobody left": ("RU:NEWSTART~expiry", "US:NEWSTART~expiry", "AZ:CSTO", "GE:CSTO"),
    "weighed, threatened or ruled out, and no notice given": (
        "NO:APMBC", "IR:NPT", "GB:ECHR", "MU:COMMONWEALTH", "PH:UN~un", "US:TRADE~nafta", "AM:CSTO",
    ),
    "announced or approved; the day of the notice, if there was one, is not recorded": (
        "BF:ROME", "ML:ROME", "NE:ROME", "LV:ISTANBUL", "RU:ECPT", "RU:COE~conventions", "US:~66-bodies", "BF:AU~g5",
        "NE:AU~g5", "CO:BOGOTA", "MD:CIS", "LV:~legal-assistance-ru", "EE:~legal-assistance-ru",
        "LT:~legal-assistance-ru", "LT:~investment-ru", "DZ:~air-services-ae", "NI:UN~fao", "NI:ILO~ilo",
        "IL:~seven-bodies", "PW:~pacific-islands-forum", "EC:~alba", "SO:~agreements-ae",
    ),
    "a political commitment or a body without a notice period": (
        "US:JCPOA", "US:GCM", "IT:BRI~bri", "US:UN~unhrc", "IL:UN~unhrc", "KP:ARMISTICE", "KP:CMA2018",
    ),
    "a bilateral deal outside the register, or one whose period is not known": (
        "RU:~defence-de", "NE:SOFA~us", "NE:~eu-missions", "TR:~defence-il", "GE:~defence-ru", "GE:~dagomys",
        "KG:~energy-ru", "US:~asylum-agreements",
    ),
    "undone, returned, or never a case of leaving by notice": (
        "MA:AU~au", "GM:COMMONWEALTH", "ZW:COMMONWEALTH", "UY:TIAR", "FR:NATO~integrated-command",
    ),
    "the notice is known, the day of effect is not recorded": ("TZ:AFCOURT", "BJ:AFCOURT", "CI:AFCOURT"),
    "known to the month only": ("MX:TIAR", "EG:~grains"),
}  # fmt: skip
