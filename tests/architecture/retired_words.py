"""Words that are no longer used here, and what to write instead.

Patterns match whole words, in upper or lower case. docs/glossary.md has the terms in use.
"""

import re
from collections.abc import Iterator

RETIRED = {
    r"dead letters?(?! queue)": "dead-lettered message",
    r"(?<!dead-)(?<!dead_)(?<!dead )letters?|letter_?box": "email; dead-lettered message",
    r"\w*(?<!dead)(?<!dead_)letter_\w*": "email; dead-lettered message",
    r"stock_layer": "powertools_layer",
    r"wish(?:es)?|\w+_wish": "options; request",
    r"voices?": "telemetry",
    r"\w*doors?|entrances?": "entry point; HTTP API; ingress bus",
    r"tells?(?! (?:apart|whether|the difference))|told|telling(?! apart)": "say; replay; publish; notify",
    r"hears?|heard|hearing|unheard|hearers?|hears_\w+": "consume; consumer",
    r"said|say_\w+|\w+_said": "response; print_…",
    r"stands(?! for| still)|standing": "accepted; existing; is",
    r"call(?:s|ed|ing)?[ _](?:back|off)": "cancel; cancellation requested",
    r"\w*articles?": "SKU",
    r"goods|shelf|shelves": "stock",
    r"seams?": "extension point; MotoPatch",
    r"carr(?:y|ies|ied|ying)[ _]out|left[ _]out": "run; supported; omitted; ignored",
    r"deeds?": "action",
    r"ways? back|waysback|nowaybackerror": "destination; redrive",
    r"(?<!not-)park(?:s|ed|ing)?|(?:sets? )?aside|g[ia]ven? up|gives? up": "dead-lettered; discarded",
    r"tally|tallies": "outcome metrics; count",
    r"rings?|rang|ringing|rings_at": "fires; is in ALARM",
    r"wakes?|woken": "pages; starts",
    r"(?<!--)quiet(?!=)": "OK; idle",
    r"spare|patience|longest_\w+": "a name with its unit",
    r"met_others|refused_now": "is_contention; with_retries",
    r"the map|kernel|title page|the other words": "topology; shared library; entry point; targets",
    r"moments?|instants?": "time; timestamp",
    r"bury|buries|buried": "record_cancellation",
    r"(?<!line )endings?": "outcome; completion",
    r"mend(?:s|ed|ing)?": "fix",
    r"complaints?|obstacles?|troubles?": "error; reason; fault",
    r"silence": "no response",
    r"answer(?:s|ed|ing)?": "return; response",
    r"stated|states (?:an?|the|its|no|what|it)": "published; says",
    r"refus(?:e|es|ed|al|als) by name": "rejected with the type's name; unsupported",
    r"weather|surroundings|sightings|happenings|spoilt|drills?": "fault; event; scenario; goal",
    r"all_well|ten_o_clock": "NO_FAILURES; NOW",
    r"whoever|whomever|whatever|whom|whence|whereto": "a plain subject",
    r"which nobody|none that|as it stands|as they stand|anew": "a plain sentence",
}
_CLASSES = re.compile(r"class (?:Given|Manner|Work|Deed|Said|Found|Asked|Narrowed|Trail|End|Way|Home)\b")
_ANY = "|".join(f"(?P<w{n}>{words})" for n, words in enumerate(RETIRED))
_WORDS = re.compile(rf"\b(?:{_ANY})\b")
_NOT_PROSE = re.compile(r"`[^`]*`|(?<=\])\([^)\s]*\)|https?://\S+")
"""Code, link targets and addresses in a page: names are checked where they are defined."""


def retired_in(line: str, *, is_page: bool = False) -> Iterator[str]:
    """Yield every retired word of the line with its replacement."""
    text = _NOT_PROSE.sub(" ", line) if is_page else line
    replacements = list(RETIRED.values())
    for found in _WORDS.finditer(text.lower()):
        yield f"{found.group()!r}: write {replacements[int((found.lastgroup or 'w0')[1:])]}"
    for name in _CLASSES.findall(text):
        yield f"{name!r}: write a noun that says what it is"
