"""Addresses of articles: resolved, without trackers, and in one canonical spelling for comparing."""

from __future__ import annotations

from urllib.parse import parse_qsl, urljoin, urlsplit

from w3lib.url import canonicalize_url, url_query_cleaner

MAX_LINK = 2_000  # characters; longer addresses are no articles

_TRACKERS = frozenset(
    {
        "_hsenc",
        "_hsmi",
        "cmpid",
        "dclid",
        "fbclid",
        "gbraid",
        "gclid",
        "igshid",
        "mc_cid",
        "mc_eid",
        "mkt_tok",
        "msclkid",
        "ns_campaign",
        "ns_fee",
        "ns_linkname",
        "ns_mchannel",
        "ns_source",
        "ocid",
        "oly_anon_id",
        "oly_enc_id",
        "spm",
        "twclid",
        "vero_id",
        "wbraid",
        "wickedid",
        "xtor",
        "yclid",
    }
)
_TRACKER_FAMILIES = ("at_", "hsa_", "pk_", "utm_")


def resolve(link: str | None, base: str) -> str | None:
    """Return the absolute web address that `link` means on the page `base`, without trackers; none where it is none.

    Only http and https addresses are links to articles; `javascript:`, `mailto:` and the like give none.
    """
    if not link or not link.strip():
        return None
    try:
        absolute = urljoin(base, link.strip())
        parts = urlsplit(absolute)
        if parts.scheme not in ("http", "https") or not parts.hostname or len(absolute) > MAX_LINK:
            return None
        return untracked(absolute)
    except ValueError:  # "http://[", a port out of range
        return None


def untracked(url: str) -> str:
    """Return the address without the query parameters that only say where a reader came from."""
    query = urlsplit(url).query
    names = {name for name, _ in parse_qsl(query, keep_blank_values=True)}
    trackers = sorted(n for n in names if n.lower() in _TRACKERS or n.lower().startswith(_TRACKER_FAMILIES))
    if not trackers:
        return url
    cleaned: str = url_query_cleaner(url, trackers, remove=True, unique=False, keep_fragments=True)
    return cleaned


def canonical(url: str) -> str:
    """Return the one spelling by which two addresses of an article are compared: no fragment, sorted query."""
    try:
        spelled: str = canonicalize_url(untracked(url))
    except ValueError:  # a host that is no host name; compared as it is written
        return url
    return spelled
