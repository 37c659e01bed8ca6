"""What MJML has: its tags and their attributes. It passes over any other in silence, so that a slip of the pen is lost."""

from collections.abc import Mapping

from ripeline.render.mjml import TAGS

_PADDING = "padding padding-top padding-bottom padding-left padding-right"
_BORDER = "border border-top border-bottom border-left border-right border-radius"
_INNER_BORDER = "inner-border inner-border-top inner-border-bottom inner-border-left inner-border-right inner-border-radius"
_FONT = "font-family font-size font-style font-weight line-height letter-spacing text-decoration text-transform color"
_LINK = "href rel target title name"
_ICONS = "icon-align icon-height icon-position icon-width icon-unwrapped-alt icon-unwrapped-url icon-wrapped-alt icon-wrapped-url"
_GROUND = "background-color background-url background-position background-position-x background-position-y background-repeat background-size"
_SECTION = f"{_GROUND} {_BORDER} {_PADDING} direction full-width text-align text-padding"
_ICO = "ico-align ico-close ico-open ico-color ico-font-family ico-font-size ico-line-height ico-text-decoration ico-text-transform"
_ICO_PADDING = "ico-padding ico-padding-top ico-padding-bottom ico-padding-left ico-padding-right"

_KNOWN: Mapping[str, str] = {
    "mjml": "lang dir owa",
    "mj-head": "", "mj-title": "", "mj-preview": "", "mj-attributes": "", "mj-html-attributes": "",
    "mj-breakpoint": "width", "mj-font": "name href", "mj-style": "inline", "mj-selector": "path", "mj-html-attribute": "name", "mj-raw": "position",
    "mj-body": "background-color width id",
    "mj-wrapper": f"{_SECTION} gap", "mj-section": _SECTION,
    "mj-column": f"background-color {_BORDER} inner-background-color {_INNER_BORDER} direction {_PADDING} vertical-align width",
    "mj-group": "background-color direction vertical-align width",
    "mj-hero": f"background-color background-height background-width background-url background-position border-radius height inner-background-color "
    f"inner-padding mode {_PADDING} vertical-align width align",
    "mj-text": f"align container-background-color height {_FONT} {_PADDING} vertical-align",
    "mj-button": f"align background-color {_BORDER} container-background-color {_FONT} height {_LINK} inner-padding {_PADDING} text-align vertical-align width",
    "mj-image": f"align alt {_BORDER} container-background-color fluid-on-mobile font-size height max-height {_LINK} {_PADDING} sizes src srcset usemap width",
    "mj-divider": f"align border-color border-style border-width container-background-color {_PADDING} width",
    "mj-spacer": f"container-background-color height {_PADDING}",
    "mj-table": f"align border cellpadding cellspacing container-background-color {_FONT} {_PADDING} role table-layout width",
    "mj-navbar": f"align base-url hamburger {_ICO} {_ICO_PADDING} {_PADDING}",
    "mj-navbar-link": f"{_FONT} {_LINK} {_PADDING}",
    "mj-social": f"align border-radius container-background-color {_FONT} icon-height icon-padding icon-size inner-padding mode {_PADDING} table-layout "
    "text-padding vertical-align",
    "mj-social-element": f"align alt background-color border-radius {_FONT} icon-height icon-padding icon-position icon-size {_LINK} {_PADDING} sizes src "
    "srcset text-padding vertical-align",
    "mj-accordion": f"border container-background-color font-family {_ICONS} {_PADDING}",
    "mj-accordion-element": f"background-color border font-family {_ICONS}",
    "mj-accordion-title": f"background-color {_FONT} {_PADDING}", "mj-accordion-text": f"background-color {_FONT} {_PADDING}",
    "mj-carousel": f"align background-color border-radius container-background-color icon-width left-icon right-icon {_PADDING} tb-border tb-border-radius "
    "tb-hover-border-color tb-selected-border-color tb-width thumbnails",
    "mj-carousel-image": f"alt border-radius {_LINK} src tb-border tb-border-radius thumbnails-src",
}  # fmt: skip

_EVERY = frozenset(name for names in _KNOWN.values() for name in names.split())
_EVERYWHERE = frozenset({"css-class", "mj-class"})

ATTRIBUTES: Mapping[str, frozenset[str]] = {
    **{tag: frozenset(names.split()) | _EVERYWHERE for tag, names in _KNOWN.items()},
    "mj-all": _EVERY | _EVERYWHERE,
    "mj-class": _EVERY | _EVERYWHERE,
}
"""By tag, the attributes MJML knows (documentation.mjml.io)."""

assert ATTRIBUTES.keys() == TAGS, "each tag that a body may use has its attributes here"
