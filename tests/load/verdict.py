"""What a load run must reach. Pure."""

from __future__ import annotations

from tests.load.book import Findings, percentile
from tests.load.scene import Scene, memory_growth

MOST_GAP = 1.5  # of a feed's interval
MOST_BEYOND_SECONDS = 1.0  # from publication to Kafka beyond the interval, at p99
MOST_GROWTH = 0.05  # of memory, after the first rounds
# In ten minutes most feeds are polled once or twice, and each feed's first answer of another kind (new, unchanged) adds
# its series to the metrics, once. So this says little; that memory is flat is judged over many rounds.
MOST_GROWTH_IN_TWO_ROUNDS = 0.15
_SERVED = "served to Kafka"
FEW = 50  # items timed; fewer would say nothing


def faults(
    scene: Scene, found: Findings, slack: float = 0.0, across_kills: bool = True, growth: float = MOST_GROWTH
) -> list[str]:
    """Return a line for each thing that is not as it should be.

    `slack` is how many seconds late anything may be on a machine that does other work. Without `across_kills` a poll
    gap in which the producer was killed is not judged: where intervals are shorter than a start, it cannot be kept.
    `growth` is by how much memory may grow: a short run still starts what it needs.
    """
    wrong = []
    if found.lost:
        wrong.append(f"{len(found.lost)} items lost, such as {found.lost[:3]}")
    if found.twice:
        wrong.append(f"{len(found.twice)} items sent twice, such as {found.twice[:3]}")
    if found.never_polled:
        wrong.append(f"{len(found.never_polled)} feeds never polled, such as {found.never_polled[:3]}")
    judged = [gap for gap in found.gaps if across_kills or not gap.killed]
    late = [gap for gap in judged if gap.seconds > MOST_GAP * gap.interval + slack]
    if late:
        wrong.append(f"{len(late)} of {len(judged)} polls later than {MOST_GAP} intervals, the latest {late[-1]}")
    if found.spacing < 0.95 * scene.spacing:
        wrong.append(f"two requests to one host within {found.spacing:.3f} s of each other, not {scene.spacing}")
    if len(found.beyond_interval) < FEW:
        wrong.append(f"only {len(found.beyond_interval)} items timed")
    for what, times in (
        ("publication to Kafka, less the interval,", found.beyond_interval),
        (_SERVED, found.served_to_kafka),
    ):
        if (p99 := percentile(times, 0.99)) >= MOST_BEYOND_SECONDS + slack:
            wrong.append(f"p99 of {what} is {p99:.2f} s")
    if (grown := memory_growth(scene.samples)) > growth:
        wrong.append(f"memory grew by {grown:.1%} after the first round")
    return wrong
