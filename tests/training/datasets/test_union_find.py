"""Groups join through any chain of shared names, and are named after the item that the caller keeps."""

from training.datasets.union_find import UnionFind


def test_items_that_a_chain_connects_have_one_root():
    sets = UnionFind[str]()
    sets.union(kept="a", joined="b")
    sets.union(kept="c", joined="d")
    sets.union(kept="d", joined="b")
    assert {sets.find(item) for item in "abcd"} == {"c"}
    assert sets.find("e") == "e"


def test_the_smaller_root_is_kept_where_nobody_chooses():
    sets = UnionFind[int]()
    sets.union_smallest(5, 3)
    sets.union_smallest(5, 1)
    sets.union_smallest(7, 8)
    assert [sets.find(item) for item in (1, 3, 5, 7, 8)] == [1, 1, 1, 7, 7]
