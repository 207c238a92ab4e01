"""
The error tree. Whatever goes wrong with content, labels or files is one of these.

LabelError
├── InvalidLabel      the facts themselves: a field, a provider code, a text     (also a ValueError)
├── LabelConflict     the content already carries a label that must not be touched
├── UnsupportedMedia  a format, mode or container this toolkit cannot label
├── CorruptMedia      truncated, malformed, or not what it says it is
├── MediaTooLarge     over a limit on bytes, pixels, frames or ratio
├── MediaTooSmall     too small for the layer that was asked for
├── LayerFailed       a layer was applied and did not read back
├── OutputFailed      the result could not be written where it should go
├── RegistryFailed    a registry that is locked, damaged, missing, or not one
├── InvalidKey        a key file that is no key                                  (also a ValueError)
├── UnknownPolicy     a policy or language that is not in the tables             (also a ValueError)
└── MissingBackend    an optional package is needed; the message names the extra

"Not found" is never an error: readers answer with evidence that says so.
"""

from __future__ import annotations


class LabelError(Exception):
    """Anything refused or failed; the message says what is wrong and what to do."""


class InvalidLabel(LabelError, ValueError):
    """A label field, provider code or label text that the rules do not allow."""


class LabelConflict(LabelError):
    """The content already carries a label that this call would have to alter (Measures art. 10)."""


class UnsupportedMedia(LabelError):
    """A format, colour mode or container that cannot be labelled or read."""


class CorruptMedia(LabelError):
    """The bytes are truncated, malformed, or not the medium they claim to be."""


class MediaTooLarge(LabelError):
    """The medium exceeds a limit on bytes, pixels, frames or compression ratio."""


class MediaTooSmall(LabelError):
    """The medium is too small for a layer that was asked for."""


class LayerFailed(LabelError):
    """A layer was written and could not be read back."""


class OutputFailed(LabelError):
    """The result could not be written: it exists, the disk is full, the folder is read-only."""


class RegistryFailed(LabelError):
    """A registry that is locked, damaged, missing, full, or no registry at all."""


class InvalidKey(LabelError, ValueError):
    """A key file that does not hold 32 bytes, or that others may read."""


class UnknownPolicy(LabelError, ValueError):
    """A policy, language or option value that is not in the tables."""


class MissingBackend(LabelError):
    """An optional package is missing; the message says which extra installs it."""
