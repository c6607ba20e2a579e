"""Which addresses are public, and which private ones a feeds file admits."""

from __future__ import annotations

import socket

import pytest
from yarl import URL

from producers.addresses import AddressRefusedError, Admission, is_public, politeness_key


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",  # carrier-grade NAT
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",  # NAT64 of 127.0.0.1
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "100.100.100.200",  # a cloud's metadata, in carrier-grade NAT
        "192.0.0.192",  # another's
        "168.63.129.16",  # another's platform, global by its number
        "fd00:ec2::254",  # metadata over IPv6
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",  # NAT64 of the metadata address
        "64:ff9b:1::7f00:1",  # NAT64 of a local network
        "::127.0.0.1",  # IPv4-compatible
        "2001:0:7f00:1::",  # Teredo
        "2600:1f00::5efe:a00:1",  # ISATAP of 10.0.0.1
        "fec0::1",  # site-local
        "2001:db8::1",  # documentation
        "3fff::1",
        "192.88.99.1",  # 6to4 relays
        "239.255.255.250",
        "ff0e::1",  # multicast of global scope
        "240.0.0.1",
        "not an address",
    ],
)
def test_private_address_is_not_public(address: str) -> None:
    """Also in its disguises."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"]
)
def test_public_address_is_public(address: str) -> None:
    """The near misses of the above."""
    assert is_public(address)


def _info(address: str, port: int) -> tuple[object, ...]:
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))


def test_named_private_address_is_admitted_at_its_port_only() -> None:
    """A feed on port 8080 opens neither another port of the host nor another host."""
    admission = Admission.of(["http://127.0.0.1:8080/feed"], allow_private=True)

    admission.socket(_info("127.0.0.1", 8080)).close()
    for address, port in (("127.0.0.1", 22), ("127.0.0.2", 8080), ("10.0.0.1", 8080)):
        with pytest.raises(AddressRefusedError):
            admission.socket(_info(address, port))


def test_private_name_is_resolved_and_admitted() -> None:
    """`localhost` and names outside the public domain system name private addresses."""
    admission = Admission.of(["http://newsroom:8760/a"], True, resolve=lambda host, port: ["172.18.0.5"])

    assert admission.private == {("172.18.0.5", 8760)}


def test_public_name_never_admits_a_private_address() -> None:
    """Whoever owns the name could point it anywhere."""
    admission = Admission.of(["http://feeds.example.org/a"], True, resolve=lambda host, port: ["172.18.0.5"])

    assert admission.private == frozenset()


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("https://example.org/feed", False),
        ("http://example.org:8080/feed", False),  # the feeds file names this port for this host
        ("http://example.org:25/", True),
        ("http://example.net:8080/", True),
        ("ftp://example.org/feed", True),
    ],
)
def test_only_web_ports_and_named_ports_are_asked(url: str, refused: bool) -> None:
    """A redirect cannot make us speak to a mail server."""
    admission = Admission.of(["http://example.org:8080/feed"], False)

    assert (admission.refusal(URL(url)) is not None) is refused


def test_politeness_is_by_registrable_domain_and_by_port_for_private_addresses() -> None:
    """Subdomains share a queue; local test servers do not."""
    assert politeness_key("https://feeds.example.co.uk/a") == politeness_key("https://www.example.co.uk/b")
    assert politeness_key("https://a.example.org/") != politeness_key("https://a.example.net/")
    assert politeness_key("http://127.0.0.1:1/", by_port=True) != politeness_key("http://127.0.0.1:2/", by_port=True)
    assert politeness_key("http://127.0.0.1:1/") == politeness_key("http://127.0.0.1:2/")
