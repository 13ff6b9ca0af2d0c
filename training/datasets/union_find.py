"""Joins names that belong together, directly or through others (union-find, a disjoint-set forest)."""

from collections.abc import Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item", bound=Hashable)


class UnionFind(Generic[Item]):
    """A set of disjoint sets. Each item that was never joined is a set of its own.

    scipy's ``DisjointSet`` chooses the root of a joined set by size. Here the caller chooses it, because
    groups are named after their root, and a run stores the hash of these names.
    """

    def __init__(self) -> None:
        self._parent: dict[Item, Item] = {}

    def find(self, item: Item) -> Item:
        """The root of the item's set."""
        parent = self._parent
        while parent.setdefault(item, item) != item:
            parent[item] = parent[parent[item]]  # shortens the path for the next call
            item = parent[item]
        return item

    def union(self, kept: Item, joined: Item) -> None:
        """Joins both items' sets; the root of the set of ``kept`` becomes the root of all."""
        self._parent[self.find(joined)] = self.find(kept)

    def union_smallest(self, first: Item, second: Item) -> None:
        """As ``union``; the smaller of both roots becomes the root of all."""
        low, high = sorted((self.find(first), self.find(second)))  # type: ignore[type-var]
        self._parent[high] = low
