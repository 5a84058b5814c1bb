"""Every colour, font size and stroke. Panels name a role; what the role looks like is said here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

# Six of Okabe & Ito's colour-blind safe set, then four that stay apart from them and from each other, also for
# protanopes and deuteranopes.
CLASS_COLOURS = (
    "#d55e00",
    "#0072b2",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#7a5230",
    "#747c82",
    "#a49f36",
    "#3c3c8c",
)


@dataclass(frozen=True)
class Theme:
    """Colours by role. `series` are the colours of curves and bars, `classes` those of labels, in order."""

    name: str
    page: str
    card: str
    edge: str  # of cards and axes
    ink: str
    muted: str
    grid: str
    goal: str  # dashed lines of theory
    met: str  # numbers that meet their goal
    series: dict[str, str]
    classes: tuple[str, ...]

    title_pt: float = 17.0
    subtitle_pt: float = 10.5
    card_title_pt: float = 10.5
    text_pt: float = 9.5
    small_pt: float = 9.4
    line_pt: float = 1.8
    thin_pt: float = 0.9
    rim_pt: float = 1.4  # around dots that lie on others
    halo_pt: float = 2.5  # around dots that lie on a table
    outline_pt: float = 1.3  # of a sphere
    inner_pt: float = 1.0  # of lines on it, and around dots on it
    dashes: tuple[int, tuple[float, ...]] = (0, (4, 3))  # of every line that theory sets
    short_dashes: tuple[int, tuple[float, ...]] = (0, (3, 2))  # across a bar
    dash_pt: float = 1.2
    fine_dash_pt: float = 1.1  # over a curve
    bold_dash_pt: float = 1.3  # across bars
    bar_dash_pt: float = 1.5  # on a bar
    point_pt: float = 3.1  # five pixels across, none of them nearly empty
    head_pt: float = 5.0  # where a curve has come to
    dot_pt: float = 7.0  # a value without a line
    code_pt: float = 12.0
    mean_pt: float = 9.0
    star_pt: float = 15.0
    ghost_pt: float = 19.0

    # Pictures that tell: 16 pixels of a width of 1,100 are the smallest type.
    family: str = "DejaVu Sans Condensed"
    headline_pt: float = 20.0
    sentence_pt: float = 15.0
    label_pt: float = 13.0
    note_pt: float = 11.6
    number_pt: float = 34.0
    bold_pt: float = 3.2  # a curve that is the hero
    hair_pt: float = 0.7
    future: float = 0.24  # tint of what is still to come
    ribbon: float = 0.13  # tint of the curves of other seeds

    def ink_of(self, role: str) -> str:
        """The colour of a role: a run ("run", "rival"), "theory", "ink", "muted", "quiet", "page", "met", "class:3",
        or a place on the ramp of what is ordered ("ramp:0.5").

        Runs have hues that no class has. Raises KeyError for another role.
        """
        kind, _, which = role.partition(":")
        if kind == "class":
            return self.classes[int(which) % len(self.classes)]
        if kind == "ramp":
            return self.on_page(self.series["second"], 0.3 + 0.7 * float(which))
        roles = {"run": self.series["accent"], "rival": self.series["second"], "quiet": self.series["rest"]}
        plain = {"theory": self.ink, "ink": self.ink, "muted": self.muted, "page": self.page, "met": self.met}
        return {**roles, **plain, "edge": self.edge, "grid": self.grid}[kind]

    def on_page(self, colour: str, amount: float) -> str:
        """The solid colour that `colour` at opacity `amount` shows on the page."""
        return self._mixed(colour, self.page, amount)

    def tint(self, colour: str, amount: float) -> str:
        """The solid colour that `colour` at opacity `amount` shows on a card; solid, overlaps stay one colour."""
        return self._mixed(colour, self.card, amount)

    def _mixed(self, colour: str, ground: str, amount: float) -> str:
        channels = (
            round(amount * int(colour[i : i + 2], 16) + (1 - amount) * int(ground[i : i + 2], 16)) for i in (1, 3, 5)
        )
        return "#" + "".join(f"{channel:02x}" for channel in channels)

    def exact_colours(self) -> tuple[str, ...]:
        """Colours that an encoder must not change by a single bit."""
        solid = (self.page, self.card, self.edge, self.ink, self.muted, self.goal, self.met)
        return tuple(dict.fromkeys((*solid, *self.series.values(), *self.classes)))


LIGHT = Theme(
    name="light",
    page="#fbfaf6",
    card="#ffffff",
    edge="#e3ded2",
    ink="#1c1b19",
    muted="#67645d",
    grid="#f0ede5",
    goal="#2f6f9f",
    met="#1f7a4d",
    series={"accent": "#b5651d", "second": "#2f6f9f", "third": "#8a867c", "rest": "#ded8ca"},
    classes=CLASS_COLOURS,
)

DARK = Theme(
    name="dark",
    page="#15161a",
    card="#1d1f25",
    edge="#363943",
    ink="#f0ede6",
    muted="#a5a39c",
    grid="#282b33",
    goal="#7db8e8",
    met="#63c796",
    series={"accent": "#e8964a", "second": "#7db8e8", "third": "#9a978f", "rest": "#454852"},
    classes=(
        "#f07a2a",
        "#3f9fe0",
        "#1fbf92",
        "#de96bd",
        "#f2b632",
        "#8fd0f7",
        "#b98a5e",
        "#8e9295",
        "#ded65c",
        "#8873b9",
    ),
)

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}
