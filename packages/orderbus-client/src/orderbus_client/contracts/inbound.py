# Copied from functions/contracts/inbound.py by `python -m client_package`: change the original.
"""Values that people type, checked when they come in: stricter than in our own facts.

A fact of ours is read back for as long as the event log keeps it, so its types only ever widen (`values.py`).
An order from outside is read once, so these types reject addresses that no email or parcel can reach.
"""

from collections.abc import Sequence
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from orderbus_client.contracts.countries import COUNTRIES, WITHOUT_POSTAL_CODE
from orderbus_client.contracts.values import Address, Customer, Line, PricedLine, StockLine
from orderbus_client.contracts.shared.codec import Rejected
from orderbus_client.contracts.shared.normal_form import FORBIDDEN

_INVISIBLE = (
    r" \xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u202f\u205f\u2065"
    r"\u2800\u3000\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Blanks and invisible characters: allowed within a text, but not as all of it.

https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt (Default_Ignorable_Code_Point)
"""


def _text(longest: int) -> str:
    return rf"^(?![{_INVISIBLE}]+$)[^{FORBIDDEN}]{{1,{longest}}}(?!\n)$"


_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ENCODED_WORD = r"[^@]*=[?][^?@]*[?][BbQq][?][^?@]*[?]="

# Lengths by RFC 5321 (4.5.3.1 and erratum 1690), the mailbox by RFC 5322's dot-atom, the domain by RFC 1123.
# A mailbox that holds an encoded word (RFC 2047) could become another address where a mailer decodes it.
# International mailboxes (RFC 6531) are rejected: SES does not deliver to them.
# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html
EnteredEmail = Annotated[
    str,
    Meta(
        title="EnteredEmail",
        pattern=rf"^(?!.{{255}})(?![^@]{{65}})(?!{_ENCODED_WORD}){_ATOM}([.]{_ATOM})*"
        rf"@({_LABEL}[.])+(?![0-9]+$){_LABEL}(?!\n)$",
        description="The address for emails about the order:"
        " RFC 5322 dot-atom at an RFC 1123 domain, in ASCII.",
        examples=["ada@example.com"],
    ),
]
EnteredText = Annotated[
    str,
    Meta(
        title="EnteredText",
        pattern=_text(100),
        description="One line of text with a visible character.",
    ),
]
EnteredGiftMessage = Annotated[
    str,
    Meta(
        title="EnteredGiftMessage",
        pattern=_text(200),
        description="One line of plain text for the recipient of the parcel. It is personal data.",
        examples=["Happy birthday, Charles!"],
    ),
]
EnteredStreet = Annotated[
    str,
    Meta(
        title="EnteredStreet",
        pattern=_text(255),
        description="Street and number in one line.",
        examples=["12 St James's Square"],
    ),
]
EnteredCountry = Annotated[
    str,
    Meta(
        title="EnteredCountry",
        pattern=rf"^({'|'.join(COUNTRIES)})(?!\n)$",
        description="ISO 3166-1 alpha-2, or XK for Kosovo.",
        examples=["GB"],
    ),
]
EnteredPostalCode = Annotated[
    str,
    Meta(
        title="EnteredPostalCode",
        pattern=r"^((?![ -]+$)[A-Za-z0-9 -]{2,12})?(?!\n)$",
        description="A postal code; absent or empty only where the country has none.",
        examples=["SW1Y 4JH"],
    ),
]
"""Forms send an empty field where a country has no postal codes."""

NO_POSTAL_CODE = "addresses in this country have a postal code; send it as postal_code"


class EnteredAddress(Address, frozen=True, kw_only=True):
    """A postal address as its owner typed it."""

    name: Annotated[EnteredText, Meta(examples=["Ada Lovelace"])]
    street: EnteredStreet
    city: Annotated[EnteredText, Meta(examples=["London"])]
    country: EnteredCountry
    postal_code: EnteredPostalCode | UnsetType = UNSET

    @property
    def lacks_postal_code(self) -> bool:
        """Whether the country has postal codes and the address has none."""
        return not self.postal_code and self.country not in WITHOUT_POSTAL_CODE

    def as_address(self) -> Address:
        """Return the address for a fact of ours, in which an empty postal code is absent."""
        return Address(
            name=self.name,
            street=self.street,
            city=self.city,
            postal_code=self.postal_code or UNSET,
            country=self.country,
        )


class EnteredCustomer(Customer, frozen=True, kw_only=True):
    """A customer with the email address they typed."""

    email: EnteredEmail


def check_skus(lines: Sequence[Line | PricedLine | StockLine]) -> None:
    """Raise `Rejected` if two lines have the same SKU."""
    if len({line.sku for line in lines}) < len(lines):
        raise Rejected("duplicate_sku", "two lines have the same SKU")
