"""The one error that this package raises for what a user can change."""


class Refusal(ValueError):
    """What can't be exported: what was found, the limit, and the fix, in a sentence or two."""


def demand(holds: bool, message: str) -> None:
    """Raises :class:`Refusal` with the message unless ``holds``."""
    if not holds:
        raise Refusal(message)


BATCH_NORM = (
    "normalises by statistics of the whole batch and keeps running ones. A contributor's would describe its own data "
    "alone, and no average of several is the statistics of all: replace it with GroupNorm or LayerNorm, which "
    "normalise each sample by itself"
)
