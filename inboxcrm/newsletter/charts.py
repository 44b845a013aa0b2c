"""The results of issues over time as a chart: an SVG made here, without scripts or fonts from elsewhere. The numbers belong beside
it as text too, for whoever can't see it.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import pygal  # type: ignore[import-untyped]  # it has no types
from pygal.style import Style  # type: ignore[import-untyped]

from inboxcrm.i18n import _
from inboxcrm.newsletter.results import Results

_GREY = "#808690"  # can be read on light and on dark ground
_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground=_GREY,
    foreground_strong=_GREY,
    foreground_subtle=_GREY,
    guide_stroke_color="#80869055",
    major_guide_stroke_color="#80869055",
    guide_stroke_dasharray="none",
    major_guide_stroke_dasharray="none",
    font_family="system-ui, sans-serif",
    label_font_size=13,
    major_label_font_size=13,
    legend_font_size=13,
    no_data_font_size=16,
    stroke_width=2.5,
    colors=("#2e9a5f", "#4f6fd8", "#c77700", "#d04a40", "#8a63b8"),
)


def over_time(some: Sequence[Results]) -> str:
    """One issue after the other, the oldest first, as an `<svg>`: shares in percent of those that each one reached."""
    clicks = any(one.counts_clicks for one in some)
    chart = pygal.Line(
        style=_STYLE,
        js=(),
        width=720,
        height=340,
        margin=8,
        margin_right=24,
        margin_bottom=30 if clicks else 8,
        disable_xml_declaration=True,
        no_data_text=_("no data yet"),
        legend_at_bottom=True,
        legend_at_bottom_columns=2,
        legend_box_size=11,
        x_label_rotation=28 if len(some) > 6 else 0,
        show_minor_y_labels=True,
        range=(0, None) if any(one.sent for one in some) else None,
        dots_size=3.5,
        formatter=lambda share: f"{share:g} %",
    )
    chart.x_labels = [one.started_at.date().isoformat() if one.started_at else one.name for one in some]
    chart.add(_("answered"), [percent(one.progress.answered, one.sent) for one in some])
    chart.add(_("asked for something within 30 days"), [percent(one.interested, one.sent) for one in some])
    chart.add(_("came back"), [percent(one.progress.bounced, one.sent) for one in some])
    chart.add(_("left"), [percent(one.progress.left, one.sent) for one in some])
    if clicks:
        shares = [percent(one.clickers, one.sent) if one.counts_clicks else None for one in some]
        chart.add(_("followed a link"), shares)
    chart.add_xml_filter(_without_scripts)
    return str(chart.render(is_unicode=True))


def _without_scripts(root: Any) -> Any:
    """The tree of a chart without the script that pygal puts into every one."""
    for parent in list(root.iter()):
        for child in [one for one in parent if str(one.tag).endswith("script")]:
            parent.remove(child)
    return root


def as_picture(svg: str) -> str:
    """The chart as an address for `<img>`: a picture can do nothing, and its styles concern nobody else."""
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def percent(part: int, whole: int) -> float | None:
    """The share, with one decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None
