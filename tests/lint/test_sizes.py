"""The size rule sees what is too long, and an exception that nobody needs."""

from lint.python_source import comment_lines, functions
from lint.sizes import check, too_long

FUNCTION = "@decorated\ndef {name}():\n" + "    pass\n" * 40


def test_a_long_file_and_a_long_function_are_seen(tmp_path):
    (tmp_path / "long.py").write_text("import os\n" * 251)
    (tmp_path / "edge.py").write_text("import os\n" * 250)
    method = FUNCTION.format(name="worker").replace("\n", "\n    ")
    (tmp_path / "functions.py").write_text(f"class Queue:\n    {method}\n")
    (tmp_path / "short.py").write_text(FUNCTION.format(name="edge").removesuffix("    pass\n"))
    assert dict(too_long(sorted(tmp_path.glob("*.py")), tmp_path)) == {
        "long.py": "251 lines in one file, at most 250",
        "functions.py: Queue.worker": "41 lines in one function, at most 40",
    }


def test_only_what_has_a_reason_may_be_longer():
    assert not list(check({"a.py": "260 lines"}, {"a.py": "one table"}))
    assert "Split it" in next(check({"a.py": "260 lines"}, {}))
    assert "no reason" in next(check({"a.py": "260 lines"}, {"a.py": " "}))


def test_an_exception_that_nobody_needs_is_a_fault():
    assert "Take it out" in next(check({}, {"a.py": "one table"}))


def test_functions_and_comments_are_counted():
    source = (
        'class A:\n    def b(self):  # why\n        """# not one"""\n        def c(): ...\n# more\n'
    )
    assert [(each.name, each.lines) for each in functions(source)] == [("A.b", 3), ("A.b.c", 1)]
    assert comment_lines(source) == 2
