"""Which addresses may be connected to: public ones, and the private ones that the feeds file itself names.

Feeds and their redirects are written by strangers. The check is made where the socket is created, on the very address
that is then connected to, so that neither a literal address, nor a redirect, nor a name that resolves differently the
second time gets around it.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import tldextract
from yarl import URL

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Iterable[str]]

REFUSED = "is not a public address"

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")  # all that is handed out of IPv6; site-local fec0::/10 is not in it
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        (
            "168.63.129.16/32",  # Azure's platform, which answers every virtual machine there; global by its number
            "192.0.0.0/24",  # protocol assignments; a cloud keeps its metadata at .192
            "192.88.99.0/24",  # relays of 6to4
            "3fff::/20",  # documentation
        ),
    )
)
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # before an IPv4 address in the lower half of an IPv6 one
_WEB_PORTS = frozenset({80, 443})
_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)  # the list that the package carries; no fetch


class AddressRefusedError(OSError):
    """A connection that must not be made; raised inside the connector, which expects an OSError."""


def is_public(address: str) -> bool:
    """Say whether an address literal belongs to the open internet; what hides an IPv4 address is judged by that."""
    try:
        ip: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped or ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        elif ip not in _UNICAST or ip.sixtofour or ip.teredo or (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP:
            return False  # transition tunnels; nobody publishes news through one
    if any(ip.version == network.version and ip in network for network in _NEVER):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def politeness_key(url: str, by_port: bool = False) -> str:
    """Return the name under which requests are spaced: the registrable domain; host and port for private addresses."""
    parsed = URL(url)
    host = parsed.host or ""
    domain = _domain(host)
    return f"{host}:{parsed.port}" if by_port and not domain else domain or host


@cache
def _domain(host: str) -> str:
    """Return the registrable domain of a host name, or nothing for an address or a name without a public suffix."""
    return _suffixes(host).top_domain_under_public_suffix


def _system(host: str, port: int) -> Iterable[str]:
    try:
        return [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError:
        return []


@dataclass(frozen=True)
class Admission:
    """What may be connected to."""

    private: frozenset[tuple[str, int]] = field(default=frozenset())  # (address literal, port)
    ports: frozenset[tuple[str, int]] = field(default=frozenset())  # (host, port) beside 80 and 443

    @classmethod
    def of(cls, urls: Iterable[str], allow_private: bool, resolve: Resolve = _system) -> Admission:
        """Admit what the feeds file names: its ports, and with `allow_private` its private addresses at those ports.

        A private address is named as a literal or by a name outside the public domain system, such as `localhost`;
        such a name is resolved once, here. A public name that turns out to be private is never admitted.
        """
        private: set[tuple[str, int]] = set()
        ports: set[tuple[str, int]] = set()
        for url in map(URL, urls):
            host, port = url.host or "", url.port or 0
            ports.add((host, port))
            if not allow_private or _domain(host):
                continue
            for address in resolve(host, port):
                if not is_public(address):
                    private.add((address, port))
        return cls(frozenset(private), frozenset(ports))

    def refusal(self, url: URL) -> str | None:
        """Say why an address must not be asked for, before any connection; none where it may be tried."""
        if url.scheme not in ("http", "https"):
            return f"{url.scheme or 'no scheme'} is not http or https"
        if not url.host:
            return "no host"
        if url.port not in _WEB_PORTS and (url.host, url.port) not in self.ports:
            return f"port {url.port} is not a web port"
        return None

    def socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Create the socket for one resolved address, or raise AddressRefusedError: the connector's socket factory."""
        family, kind, protocol, _, place = info
        address, port = str(place[0]), int(place[1])
        if not is_public(address) and (address, port) not in self.private:
            raise AddressRefusedError(f"{address} {REFUSED}")
        return socket.socket(family, kind, protocol)
