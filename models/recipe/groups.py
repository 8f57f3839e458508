"""The mixture: which sources are sampled together, and how much of the whole each group is.

Shares are of sentence pairs.  What people select in an editor is documentation and general prose, so neither
Microsoft's documentation (half of all pairs) nor the books (a quarter) may drown the rest.
END leaves out what brings the passé simple: a run ends without it.
"""

SHARES = {
    "everyday": 0.17,       # Tatoeba: short sentences of daily life
    "books": 0.20,          # close translations of novels
    "free": 0.10,           # freer, longer or older ones, and essays
    "modern": 0.08,         # blogs, guides, courses, children's stories
    "bible": 0.02,
    "microsoft": 0.24,
    "documents": 0.19,      # every other documentation and interface
}
LAST = ("free", "bible")    # left out in the end phase

_GROUP = {"tatoeba": "everyday", "books-close": "books", "books-free": "free", "books-essay": "free", "bible": "bible",
          "asp-stories": "modern", "bookdash": "modern", "cncf-glossary": "modern", "elixirschool": "modern"}


def group_of(source: str) -> str:
    if source in _GROUP:
        return _GROUP[source]
    if source.startswith(("gc-", "gcds-", "hf-")):
        return "modern"
    return "microsoft" if source.startswith("msdocs-") else "documents"


def shares(end: bool) -> dict[str, float]:
    """Of each group, adding up to one."""
    kept = {name: share for name, share in SHARES.items() if not (end and name in LAST)}
    return {name: share / sum(kept.values()) for name, share in kept.items()}
