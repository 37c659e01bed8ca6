"""Templates to text and HTML: the only place that knows Jinja and MJML.

A part is unfolded (everything known before the data is resolved), an MJML part compiled to HTML once, and what is left made
a template that data fills in some ten microseconds.
"""

from ripeline.render.branches import Branches, Shape
from ripeline.render.direction import direction_of, is_rtl
from ripeline.render.environment import Words
from ripeline.render.expression import Message
from ripeline.render.fault import RenderError, did_you_mean
from ripeline.render.mjml import NOT_READ
from ripeline.render.part import Part, compiled_part, messages_in
from ripeline.render.source import FOLDER, Sources, syntax_checked

__all__ = [
    "FOLDER", "NOT_READ", "Branches", "Message", "Part", "RenderError", "Shape", "Sources", "Words", "compiled_part", "did_you_mean", "direction_of", "is_rtl",
    "messages_in", "syntax_checked",
]  # fmt: skip
