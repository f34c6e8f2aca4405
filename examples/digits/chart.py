"""The learning curve as an SVG picture: loss above, accuracy below, over the same epochs."""

import math
from html import escape

WIDTH, PANEL, LEFT, RIGHT, TOP, GAP = 760, 210, 70, 24, 64, 62
LOSS, TRAINING, HELD_OUT = "#c2410c", "#94a3b8", "#0f766e"
INK, QUIET, GRID = "#1e293b", "#64748b", "#e2e8f0"


def _text(x, y, words, anchor="middle", size=12, colour=QUIET, more=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" '
            f'fill="{colour}"{more}>{escape(words)}</text>')


def _round_step(span, wanted):
    """A step of 1, 2 or 5 times a power of ten that cuts the span into about `wanted` parts."""
    raw = max(span, 1e-9) / wanted
    power = 10.0 ** math.floor(math.log10(raw))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999)


def _ticks(low, high, wanted):
    step = _round_step(high - low, wanted)
    return [index * step for index in range(math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6) + 1)]


class Panel:
    """One plot area: turns (epoch, value) into points of the picture."""

    def __init__(self, top, epochs, low, high):
        self.top, self.epochs, self.low, self.high = top, epochs, low, high

    def x(self, epoch):
        # One epoch alone stands in the middle.
        share = (epoch - 1) / (self.epochs - 1) if self.epochs > 1 else 0.5
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        return self.top + PANEL * (1 - (value - self.low) / (self.high - self.low))

    def frame(self, title, label):
        """Grid lines, the numbers beside and below them, the axes' names."""
        right, bottom = WIDTH - RIGHT, self.top + PANEL
        parts = []
        for value in _ticks(self.low, self.high, 5):
            y = self.y(value)
            parts.append(f'<path d="M{LEFT} {y:.1f}H{right}" stroke="{GRID}"/>')
            parts.append(_text(LEFT - 10, y + 4, label(value), "end"))
        for epoch in sorted({1, *(int(tick) for tick in _ticks(1, self.epochs, 10) if tick == int(tick))}):
            parts.append(_text(self.x(epoch), bottom + 18, str(epoch)))
        parts.append(f'<path d="M{LEFT} {self.top}V{bottom}H{right}" fill="none" stroke="{QUIET}"/>')
        turned = f' transform="rotate(-90 18 {self.top + PANEL / 2})"'
        parts.append(_text(18, self.top + PANEL / 2, title, colour=INK, more=turned))
        return parts

    def line(self, values, colour):
        points = [f"{self.x(index + 1):.1f},{self.y(value):.1f}" for index, value in enumerate(values)]
        x, y = points[-1].split(",")
        return [f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" '
                'stroke-width="2.2" stroke-linejoin="round" stroke-linecap="round"/>',
                f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>']


def _legend(top, entries):
    """Coloured marks with names and last values, in one line above a panel."""
    parts, x = [], LEFT
    for name, colour in entries:
        parts.append(f'<path d="M{x} {top - 14}h18" stroke="{colour}" stroke-width="3" stroke-linecap="round"/>')
        parts.append(_text(x + 25, top - 10, name, "start", colour=INK))
        x += 45 + 7 * len(name)
    return parts


def _percent(value):
    return f"{100 * value:.4g} %"


def _loss_panel(history):
    losses = [entry["loss"] for entry in history]
    step = _round_step(max(losses), 5)
    panel = Panel(TOP + 10, len(history), 0.0, step * math.ceil(max(losses) / step) or 1.0)
    return (_legend(panel.top, [(f"training loss, at the end {losses[-1]:.3g}", LOSS)])
            + panel.frame("loss", lambda value: f"{value:.4g}") + panel.line(losses, LOSS))


def _accuracy_panel(history):
    training = [entry["trainAccuracy"] for entry in history]
    held_out = [entry["heldOutAccuracy"] for entry in history]
    lowest = max(0.0, math.floor(min(training + held_out) * 10 - 1e-9) / 10)
    panel = Panel(TOP + 10 + PANEL + GAP, len(history), lowest, 1.0)
    names = [(f"held-out accuracy, at the end {100 * held_out[-1]:.1f} %", HELD_OUT),
             ("accuracy on the training images while learning", TRAINING)]
    return (_legend(panel.top, names) + panel.frame("accuracy", _percent)
            + panel.line(training, TRAINING) + panel.line(held_out, HELD_OUT)
            + [_text((LEFT + WIDTH - RIGHT) / 2, panel.top + PANEL + 40, "epoch", colour=INK)])


def learning_curve(history, title):
    """The whole picture; history holds one entry per epoch, at least one."""
    height = TOP + 10 + 2 * PANEL + GAP + 56
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}" font-family="system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif" '
            f'role="img" aria-label="{escape(title)}">')
    parts = [head, f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
             _text(LEFT, 30, title, "start", 16, INK, ' font-weight="600"')]
    return "\n".join(parts + _loss_panel(history) + _accuracy_panel(history) + ["</svg>"]) + "\n"
