"""Draws the breaks of the ten fracture types.

A break is a function that maps the attenuation field of an intact bone to another one. Mostly it masks the
bone into fragments and moves each as a rigid body. Where fragments overlap, their attenuations add up, so an
impaction is bright and a gap is dark without drawing either.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from demo.drawings.bones import Bone, Field, noise, sample

Density = Callable[[Field, Field], Field]
Break = Callable[[Density], Density]
Mask = Callable[[Field, Field], Field]


@dataclass(frozen=True)
class Move:
    """Turn by ``degrees`` about ``pivot`` (clockwise on screen), then shift."""

    dx: float = 0.0
    dy: float = 0.0
    degrees: float = 0.0
    pivot: tuple[float, float] = (0.0, 0.0)

    def back(self, x: Field, y: Field) -> tuple[Field, Field]:
        """Where the point that is now at (x, y) was."""
        turn = np.deg2rad(self.degrees)
        across, down = x - self.dx - self.pivot[0], y - self.dy - self.pivot[1]
        return (
            across * np.cos(turn) + down * np.sin(turn) + self.pivot[0],
            down * np.cos(turn) - across * np.sin(turn) + self.pivot[1],
        )


def step(distance: Field, soft: float = 1.9) -> Field:
    """0 to 1 over about ``soft`` units round 0: an edge as blurred as film shows it."""
    return 0.5 * (1 + np.tanh(distance / soft))


def in_parts(parts: Sequence[tuple[Mask, Move]]) -> Break:
    """The bone in parts, each under its mask and moved."""

    def broken(density: Density) -> Density:
        def moved(x: Field, y: Field) -> Field:
            total = np.zeros_like(x)
            for mask, move in parts:
                bone_x, bone_y = move.back(x, y)
                total += mask(bone_x, bone_y) * density(bone_x, bone_y)
            return total

        return moved

    return broken


@dataclass(frozen=True)
class Moved:
    """A bone that moves with a fragment."""

    bone: Bone
    move: Move

    def attenuation(self, x: Field, y: Field) -> Field:
        return self.bone.attenuation(*self.move.back(x, y))


class Jag:
    """The ragged edge of a break: a smooth random curve of a few units' height."""

    def __init__(self, rng: np.random.Generator, height: float) -> None:
        self._curve = height * (
            0.75 * noise(rng, 256, 11, 11)[:, 0] + 0.28 * noise(rng, 256, 4, 4)[:, 0]
        )

    def __call__(self, along: Field) -> Field:
        return np.interp(along, np.arange(-128, 128), self._curve).astype(np.float32)


def across(rng: np.random.Generator, at: float, slope: float, move: Move, jag: float = 4) -> Break:
    """Two parts, divided by a ragged line through (0, at): the lower one moves."""
    edge = Jag(rng, jag)

    def below(x: Field, y: Field) -> Field:
        return step(y - at - slope * x - edge(x))

    return in_parts([(lambda x, y: 1 - below(x, y), Move()), (below, move)])


def spiral(rng: np.random.Generator, at: float, half: float, move: Move) -> Break:
    """A helix: front and back wall part along curves that lean opposite ways."""
    edges = Jag(rng, 2.5), Jag(rng, 2.5)
    pitch = half * rng.uniform(2.3, 2.9)

    def below(x: Field, y: Field) -> Field:
        lean = np.arcsin(np.clip(x / half, -1, 1)) / (np.pi / 2) * pitch
        front = step(y - at - lean - edges[0](y / 2))
        back = step(y - at + lean * 0.35 + pitch * 0.25 - edges[1](y / 2), 2.0)
        return 0.68 * front + 0.32 * back

    return in_parts([(lambda x, y: 1 - below(x, y), Move()), (below, move)])


def comminuted(rng: np.random.Generator, at: float, half: float) -> Break:
    """Shaft ends and five to seven loose pieces between them, each its own way."""
    count = int(rng.integers(5, 8))
    levels = at + np.linspace(-1, 1, count) * half * 1.7
    sides = np.where(np.arange(count) % 2, 1, -1) * rng.choice([-1, 1])
    sites = [
        (float(side * rng.uniform(0.3, 0.9) * half), float(level))
        for side, level in zip(sides, levels, strict=True)
    ]
    ends = [(0.0, at - half * 3.6), (0.0, at + half * 3.6)]
    wobble = noise(rng, 256, 14, 14), noise(rng, 256, 14, 14)

    def cell(chosen: int) -> Mask:
        def mask(x: Field, y: Field) -> Field:
            bent_x = x + 4 * sample(wobble[0], x, y)
            bent_y = y + 4 * sample(wobble[1], x, y)
            # Shards are long: distance counts half along the shaft.
            far = [np.hypot(bent_x - a, 0.5 * (bent_y - b)) for a, b in (*ends, *sites)]
            # The shaft's ends reach as far as the bone does.
            far[0] = np.where(y < ends[0][1], 0, far[0])
            far[1] = np.where(y > ends[1][1], 0, far[1])
            others = np.min([one for index, one in enumerate(far) if index != chosen], axis=0)
            return step(others - far[chosen] - 1.0)

        return mask

    shift = rng.uniform(8, 16) * rng.choice([-1, 1])
    moves = [Move(), Move(shift, -6, rng.uniform(2, 6) * np.sign(shift), (0.0, at))]
    for a, b in sites:
        out = 1 if a > 0 else -1
        moves.append(
            Move(
                out * rng.uniform(2, 20) + shift * 0.4,
                rng.uniform(-7, 7),
                rng.uniform(-20, 20),
                (a, b),
            )
        )
    return in_parts([(cell(index), move) for index, move in enumerate(moves)])


def greenstick(rng: np.random.Generator, at: float, half: float, side: int) -> Break:
    """Open on the convex ``side`` (-1 left, 1 right), bent and buckled on the other."""
    edge = Jag(rng, 3.5)
    hinge = (-side * half * 0.62, at)
    turn = side * rng.uniform(6, 8.5)

    def below(x: Field, y: Field) -> Field:
        return step(y - at - edge(x) * np.clip(0.5 + side * x / half, 0, 1))

    parts = in_parts([(lambda x, y: 1 - below(x, y), Move()), (below, Move(0, 0, turn, hinge))])

    def buckled(density: Density) -> Density:
        def bent(x: Field, y: Field) -> Field:
            near = np.exp(-(((y - at) / 13) ** 2))
            inner = np.clip(-side * x / half, 0, 1.5)
            return density(x + side * 7 * near * inner, y) * (1 + 0.25 * near * inner)

        return parts(bent)

    return buckled


def hairline(rng: np.random.Generator, at: float, half: float) -> Break:
    """Nothing moves: a line a unit wide, through one cortex and most of the way over."""
    edge = Jag(rng, 2.6)
    side, slope = rng.choice([-1, 1]), rng.uniform(0.25, 0.55)

    def cracked(density: Density) -> Density:
        def line(x: Field, y: Field) -> Field:
            off = (y - at - side * slope * x - edge(x)) / np.hypot(1, slope)
            reach = step(side * x + half * 0.55, 8)
            return density(x, y) * (1 - 0.5 * reach * np.exp(-((off / 1.5) ** 2)))

        return line

    return cracked


def longitudinal(rng: np.random.Generator, top: float, end: float, half: float) -> Break:
    """A split along the shaft that leaves it through one cortex below."""
    edge = Jag(rng, 2.2)
    side = int(rng.choice([-1, 1]))

    def outside(x: Field, y: Field) -> Field:
        along = np.clip((y - top) / (end - top), 0, 1)
        line = half * (0.25 - 1.5 * np.clip(along - 0.72, 0, 1) / 0.28 * -1) * side
        split = step(side * (x - line - edge(y / 2)))
        return split * step(y - top, 4)

    open_by = Move(side * rng.uniform(0.6, 1.2), 1, -side * rng.uniform(0.45, 0.75), (0.0, top))
    return in_parts([(lambda x, y: 1 - outside(x, y), Move()), (outside, open_by)])


def avulsion(
    rng: np.random.Generator, corner: tuple[float, float], size: float, pull: Move
) -> Break:
    """A chip off the corner that a tendon or ligament holds, pulled away."""
    wobble = noise(rng, 256, 12, 12)

    def chip(x: Field, y: Field) -> Field:
        far = np.hypot(x - corner[0], (y - corner[1]) * 1.15)
        return step(size + 3.0 * sample(wobble, x, y) - far)

    return in_parts([(lambda x, y: 1 - chip(x, y), Move()), (chip, pull)])


def lytic(rng: np.random.Generator, centre: tuple[float, float], wide: float, tall: float) -> Break:
    """A moth-eaten hole: core gone, cortex thinned from within, no rim."""
    wobble, holes = noise(rng, 256, 16, 16), noise(rng, 256, 8, 11)

    def eaten(density: Density) -> Density:
        def thinned(x: Field, y: Field) -> Field:
            far = np.hypot((x - centre[0]) / wide, (y - centre[1]) / tall)
            depth = step(1 + 0.16 * sample(wobble, x, y) - far, 0.28)
            bites = np.clip(0.60 + 0.13 * sample(holes, x, y), 0.3, 0.85)
            return density(x, y) * (1 - depth * bites)

        return thinned

    return eaten
