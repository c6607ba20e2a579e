"""Every metric of treatywatch, declared once; `docs/metrics.md` documents them and a test compares the two.

A role makes one `Metrics(registry)` and passes it down; nothing uses the global registry. Labels are bounded: stage,
outcome, reason, feed (configured), topic; `transition`, `case` and `actor` only on the sparse family of transitions,
which `sinks/metrics.py` collects from the cases topic itself.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from treatywatch import __version__

LATENCY_BUCKETS = (0.1, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 21600, 86400)


class Metrics:
    """The metrics of one process."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        r = self.registry
        self.build = Gauge("treatywatch_build_info", "1, labelled with the running version", ["version"], registry=r)
        self.build.labels(__version__).set(1)
        self.inputs = Counter(
            "treatywatch_inputs_total",
            "Inputs that a stage has finished, each once: received = passed + rejected + dead (+ unchanged for track)",
            ["stage", "outcome", "reason"],
            registry=r,
        )
        self.redelivered = Counter(
            "treatywatch_redelivered_total", "Inputs that a stage got again after a restart", ["stage"], registry=r
        )
        self.deadletters = Counter(
            "treatywatch_deadletters_total", "Inputs that could not be handled", ["stage", "reason"], registry=r
        )
        self.detect_seconds = Histogram(
            "treatywatch_detect_duration_seconds",
            "Time to read one item",
            buckets=(0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5),
            registry=r,
        )
        self.latency = Histogram(
            "treatywatch_item_latency_seconds",
            "Time from an item's fetch until a stage has finished with it, live items only",
            ["stage"],
            buckets=LATENCY_BUCKETS,
            registry=r,
        )
        self.fetches = Counter(
            "treatywatch_feed_fetches_total", "Polls of a feed by outcome", ["feed", "outcome"], registry=r
        )
        self.feed_success = Gauge(
            "treatywatch_feed_last_success_timestamp_seconds",
            "When a feed was last polled with success",
            ["feed"],
            registry=r,
        )
        self.feed_item = Gauge(
            "treatywatch_feed_last_item_timestamp_seconds",
            "When a feed last brought a new or edited item",
            ["feed"],
            registry=r,
        )
        self.feed_items = Counter(
            "treatywatch_feed_items_total", "New and edited items that a feed has brought", ["feed"], registry=r
        )
        self.feed_duplicates = Counter(
            "treatywatch_feed_duplicates_total", "Entries of a feed that were known already", ["feed"], registry=r
        )
        self.feed_bytes = Counter(
            "treatywatch_feed_bytes_total", "Bytes of a feed's bodies, decompressed", ["feed"], registry=r
        )
        self.feed_failing = Gauge(
            "treatywatch_feed_failures",
            "Failures of a feed in a row, under the class of the latest: hard, soft or temporary",
            ["feed", "class"],
            registry=r,
        )
        self.feed_next = Gauge(
            "treatywatch_feed_next_poll_timestamp_seconds", "When a feed is due next", ["feed"], registry=r
        )
        self.feed_interval = Gauge(
            "treatywatch_feed_poll_interval_seconds", "How often a feed is polled now", ["feed"], registry=r
        )
        self.pages = Counter(
            "treatywatch_pages_total",
            "Pages of new items whose full text was wanted, by outcome",
            ["outcome"],
            registry=r,
        )
        self.items_published = Counter(
            "treatywatch_items_published_total", "Items that the broker has acknowledged", registry=r
        )
        self.writes = Counter(
            "treatywatch_index_writes_total",
            "Documents written to the store by outcome",
            ["store", "outcome"],
            registry=r,
        )
        self.write_success = Gauge(
            "treatywatch_index_last_success_timestamp_seconds",
            "When the store last took a batch (or was last found to have nothing to take)",
            ["store"],
            registry=r,
        )
        self.lag = Gauge(
            "treatywatch_consumer_lag_records",
            "Records of a topic that a consumer group has not committed yet",
            ["group", "topic"],
            registry=r,
        )
        self.committed = Gauge(
            "treatywatch_consumer_committed_records",
            "Where a consumer group stands in a topic: the sum of the offsets that it has committed",
            ["group", "topic"],
            registry=r,
        )
        self.notifications = Counter(
            "treatywatch_notifications_total",
            "Messages to people by channel and outcome",
            ["channel", "outcome"],
            registry=r,
        )
        self.notify_pending = Gauge(
            "treatywatch_notify_pending_messages", "Messages that no channel has taken yet", registry=r
        )
        self.live_readers = Gauge("treatywatch_live_readers", "Pages that follow the stream of changes now", registry=r)
        self.live_dropped = Gauge(
            "treatywatch_live_readers_dropped",
            "Pages dropped since the start because they did not read their stream (they come back by themselves)",
            registry=r,
        )
        self.worker_gaps = Counter(
            "treatywatch_worker_gaps_total", "Times a worker left because an event was skipped", registry=r
        )

    def serve(self, host: str, port: int) -> None:
        """Serve the registry over HTTP on its own thread; port 0 serves nothing."""
        if port:
            start_http_server(port, addr=host, registry=self.registry)
