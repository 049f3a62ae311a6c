"""What `find_symbol` says beside definitions: other names, near ones, order, counts; and what a map shows."""

from __future__ import annotations

from tests.codebase_server.symbols.conftest import Indexed
from tests.codebase_server.symbols.languages import TEXTS, read

from codebase_server.service.text import of_outline, of_symbols, tokens
from codebase_server.symbols.context import manner_of, receiver

PYTHON = read(next(text for text in TEXTS if text.stem == "python")).files


def test_an_answer_under_another_name_says_where_it_is_renamed(indexed: Indexed) -> None:
    answer = indexed(PYTHON).find_symbol("Motor")
    assert [one["symbol"] for one in answer["results"]] == ["Engine"]
    assert answer["warnings"] == ["Motor is Engine under another name (acme/__init__.py:1)."]


def test_an_inherited_member_says_from_where(indexed: Indexed) -> None:
    answer = indexed(PYTHON).find_symbol("Engine.stop")
    assert answer["warnings"] == ["Engine.stop is inherited from Base."]


def test_a_name_that_nobody_defines_offers_near_ones_and_guesses_nothing(indexed: Indexed) -> None:
    service = indexed(PYTHON)
    near = service.find_symbol("ignit")
    assert near["results"] == []
    assert near["warnings"] == ["No definition is named ignit. Did you mean ignite?"]
    other = service.find_symbol("Pump.run")
    assert other["results"] == []
    (said,) = other["warnings"]
    assert said.startswith("No definition is Pump.run. Of this last name there are 4: ")
    assert "Runner.run (acme/other.py:2)" in said or "Engine.run (acme/engine.py:14)" in said


def test_a_near_name_is_offered_however_often_another_one_is_defined(indexed: Indexed) -> None:
    many = "".join(f"class C{i}:\n    def get(self):\n        return {i}\n\n\n" for i in range(700))
    files = {f"aaa/many{n}.py": many for n in range(3)} | {"zzz.py": "def getting_there():\n    return 1\n"}
    (said,) = indexed(files).find_symbol("getting_ther")["warnings"]
    assert said == "No definition is named getting_ther. Did you mean getting_there?"


def test_usages_say_how_they_mention_the_name(indexed: Indexed) -> None:
    usages = indexed(PYTHON).find_symbol("ignite", usages=True)["usages"]
    manners = {f"{one['file_path']}:{one['line']}": one["manner"] for one in usages}
    assert manners["app.py:6"] == "call"
    assert manners["app.py:2"] == "import"
    assert manners["acme/engine.py:21"] == "comment"
    assert manners["README.md:3"] == "text"


def test_of_a_common_name_the_usages_that_are_meant_come_first_however_many_there_are(
    indexed: Indexed,
) -> None:
    noise = "".join(f"def f{i}(box):\n    box.get({i})\n    box.get(0)\n\n\n" for i in range(60))
    files = {f"aaa/noise{n}.py": noise for n in range(12)} | {
        "store.py": "class Store:\n    def get(self, key):\n        return key\n",
        "other.py": "class Other:\n    def get(self):\n        return 1\n",
        "zzz.py": "from store import Store\n\nStore().get(1)\n",
    }
    answer = indexed(files).find_symbol("Store.get", usages=True)
    assert (answer["usages"][0]["file_path"], answer["usages"][0]["line"]) == ("zzz.py", 3)
    assert "of 1,000 or more usages" in answer["warnings"][0]


def test_a_constructor_or_heading_does_not_stand_before_the_class(indexed: Indexed) -> None:
    files = {
        "README.md": "# Store\n\nText.\n",
        "z/store.py": "class Store:\n    pass\n",
        "z/b.py": "Store = object()\n",
    }
    found = indexed(files).find_symbol("Store")["results"]
    assert [(one["symbol_kind"], one["file_path"]) for one in found] == [
        ("class", "z/store.py"),
        ("variable", "z/b.py"),
        ("section", "README.md"),
    ]


def test_manners_are_told_by_the_marks_around_a_name() -> None:
    def told(text: str, language: str) -> str:
        at = text.index("name")
        return manner_of(text, at, at + 4, language)

    assert told("x = name(1)", "python") == "call"
    assert told("x = 1  # of name", "python") == "comment"
    assert told('x = "a # name"', "python") == "comment"
    assert told('x = f"a {name}"', "python") == "use"
    assert told("from a import (\n    b,\n    name,\n)", "python") == "import"
    assert told("import {\n  a,\n  name } from './b'", "typescript") == "import"
    assert told('call("http://x", name)', "javascript") == "use"
    assert told("/* a\n * name */", "java") == "comment"
    assert told("glob('src/**/*.ts', name)", "typescript") == "use"
    assert told("fn f<'a>(x: &'a str) { name::<u8>(x) }", "rust") == "call"
    assert told("name!(x)", "rust") == "call"
    assert told('"#{name}"', "ruby") == "use"
    assert told("use a::{b, name};", "rust") == "import"
    assert told("use a::{\n    b,\n    name,\n};", "rust") == "import"
    assert told("  use (fn) {\n    if (fn) { throw name }\n", "javascript") == "use"
    assert told("use (name)\n", "javascript") == "use"
    assert told('"""\nof name\n"""\nf(x) = 1', "julia") == "comment"
    assert told('"""Of x."""\nf(x) = name(x)', "julia") == "call"
    assert told(r'x = "a\" # b" + name(1)', "python") == "call"
    assert told(r'x = "a\" # b name"', "python") == "comment"
    assert told("# of name", "a language without a grammar") == "comment"


def test_the_receiver_of_a_name_is_what_stands_before_its_point() -> None:
    assert receiver("a.store.get", 8) == "store"
    assert receiver("make().get", 7) == ""
    assert receiver("s->get", 3) == "s"
    assert receiver("get", 0) is None
    assert receiver("x = get", 4) is None


MANY = {
    "core/engine.py": "class FuelEngine:\n    pass\n\n\ndef start_engine():\n    pass\n",
    "core/readme.md": "# Core\n",
    "aaa.py": "def lonely_function():\n    return 1\n",
    **{
        f"users/user{i}.py": f"from core.engine import FuelEngine, start_engine\n\n\ndef use_number_{i}():\n"
        "    start_engine()\n    return FuelEngine()\n"
        for i in range(12)
    },
    "tests/test_aaa.py": "from aaa import lonely_function\n\n\ndef test_it():\n    lonely_function()\n",
}


def test_a_map_begins_with_what_others_use_most(indexed: Indexed) -> None:
    whole = indexed(MANY).outline()
    assert [one["file_path"] for one in whole["entries"]][:2] == ["core/engine.py"] * 2
    assert whole["entries"][-1]["file_path"] in ("core/readme.md", "tests/test_aaa.py")
    assert whole["total_count"] == len(whole["entries"])


def test_a_small_map_has_the_most_used_names_of_the_most_central_files(indexed: Indexed) -> None:
    service = indexed({**MANY, "core/engine.py": MANY["core/engine.py"] + "\n\n" + UNUSED})
    small = service.outline(max_tokens=160)
    assert tokens(of_outline(small)) <= 160
    assert len(small["entries"]) < small["total_count"]
    first = [one["symbol"] for one in small["entries"] if one["file_path"] == "core/engine.py"]
    assert {"FuelEngine", "start_engine"} <= set(first)


def test_a_map_of_a_deep_folder_counts_its_path(indexed: Indexed) -> None:
    deep = "/".join(["a_folder_with_a_rather_long_name"] * 6)
    files = {f"{deep}/m{i}.py": f"def function_number_{i}():\n    return {i}\n" for i in range(40)}
    service = indexed(files)
    for path in (deep, f"{deep}/m1.py"):
        for most in (150, 200, 300):
            assert tokens(of_outline(service.outline(path, max_tokens=most))) <= most


UNUSED = "\n\n".join(f"def unused_thing_{i}():\n    return {i}\n" for i in range(40))


def test_a_name_that_is_a_file_a_folder_or_a_package_says_what_to_ask(indexed: Indexed) -> None:
    service = indexed(
        {
            "src/main/java/org/acme/pool/Bag.java": "package org.acme.pool;\n\nclass Bag {\n}\n",
            "src/helper/cookie/index.ts": "export const parse = () => 1\n",
            "src/helper/http.ts": "export const get = () => 1\n",
        }
    )
    for name, there in {
        "src/helper/http.ts": "src/helper/http.ts",
        "./helper/http": "src/helper/http.ts",
        "github.com/acme/lib/helper/cookie": "src/helper/cookie",
        "org.acme.pool": "src/main/java/org/acme/pool",
    }.items():
        answer = service.find_symbol(name)
        assert answer["results"] == []
        assert answer["warnings"] == [f"{name} is no symbol. outline shows what is in {there}."]


def test_no_answer_is_without_a_next_step(indexed: Indexed) -> None:
    service = indexed(PYTHON)
    (said,) = service.find_symbol("quux")["warnings"]
    assert said == 'No definition is named quux. search_code looks for what it does, or for "quux" as text.'


def test_what_only_a_filter_leaves_out_is_named(indexed: Indexed) -> None:
    service = indexed(PYTHON)
    (said,) = service.find_symbol("Engine.run", symbol_kind="func", path="docs")["warnings"]
    assert said.startswith("None of 3 passes symbol_kind 'func' (of these: method) and path 'docs':")


POOLS = {
    "Pool.java": "class Pool {\n  void close() {\n  }\n\n  void stop() {\n    close();\n  }\n}\n",
    "Entry.java": "class Entry {\n  void close() {\n  }\n}\n",
    "Meter.java": "class Meter {\n  void close() {\n  }\n}\n",
    "Owner.java": (
        "class Owner {\n"
        "  void end(Pool first, Entry second) {\n"
        "    first.close();\n"  # declared above
        "    second.close();\n"
        "  }\n\n"
        "  void all() {\n"
        "    connectionPool.close();\n"  # by its name
        "    entry.close();\n"
        "    unknown.close();\n"
        '    log.warn("{} entries: pool.close()", count);\n'
        "  }\n"
        "}\n"
    ),
}


def test_of_a_method_that_several_classes_define_the_calls_meant_come_first(indexed: Indexed) -> None:
    service = indexed(POOLS)

    def lines(name: str) -> list[str]:
        usages = service.find_symbol(name, usages=True)["usages"]
        return [f"{one['file_path']}:{one['line']}" for one in usages]

    others = ["Owner.java:10"]  # anybody's
    assert lines("Pool.close")[:4] == ["Owner.java:3", "Owner.java:8", "Pool.java:6", *others]
    assert lines("Entry.close")[:3] == ["Owner.java:4", "Owner.java:9", *others]
    assert lines("Meter.close")[0] == "Owner.java:10"


def test_braces_that_are_filled_in_later_make_no_code_of_a_string(indexed: Indexed) -> None:
    usages = indexed(POOLS).find_symbol("Pool.close", usages=True)["usages"]
    assert usages[-1]["line"] == 11
    assert usages[-1]["manner"] == "comment"
    assert manner_of('f"{pool.close()}"', 8, 13, "python") == "call"


def test_a_name_in_another_case_is_another_name_unless_nothing_has_the_case_asked_for(
    indexed: Indexed,
) -> None:
    service = indexed({"a.py": "class Config:\n    pass\n\n\ndef config():\n    return Config()\n"})

    def symbols(name: str) -> list[str]:
        return [one["symbol"] for one in service.find_symbol(name)["results"]]

    assert symbols("Config") == ["Config"]
    assert symbols("config") == ["config"]
    assert sorted(symbols("CONFIG")) == ["Config", "config"]


def test_an_attribute_that_only_methods_assign_is_shown_where_it_is_first_assigned(indexed: Indexed) -> None:
    service = indexed(
        {
            "server.py": "class State:\n    def __init__(self):\n        # self.total = 1\n"
            "        self.total: int = 0\n\n    def add(self):\n        self.total = self.total + 1\n",
            "other.py": "class Other:\n    def __init__(self):\n        self.total = 1\n",
            "shop.rb": "class Shop\n  def open\n    @goods ||= []\n  end\nend\n",
        }
    )
    answer = service.find_symbol("State.total", usages=True)
    (found,) = answer["results"]
    assert (found["symbol"], found["file_path"], found["start_line"]) == ("State.total", "server.py", 4)
    assert found["signature"] == "self.total: int = 0"
    assert answer["warnings"] == ["State.total is declared nowhere: shown is where it is first assigned."]
    assert [one["symbol"] for one in service.find_symbol("total")["results"]] == [
        "Other.total",
        "State.total",
    ]
    assert [one["start_line"] for one in service.find_symbol("goods")["results"]] == [3]


def test_a_module_under_a_name_is_answered_with_its_file(indexed: Indexed) -> None:
    service = indexed(
        {
            "lib/engine.js": "module.exports = class Engine {\n  start () {}\n}\n",
            "lib/tools.js": "exports.turn = function () {}\n",
            "app.js": "const Motor = require('./lib/engine')\nconst { turn } = require('./lib/tools')\n"
            "import kit from './lib/tools'\nnew Motor()\n",
            "acme/pump.py": "def run():\n    pass\n",
            "use.py": "from acme import pump as pp\n\npp.run()\n",
        }
    )
    for name, place in {"kit": "lib/tools.js", "pp": "acme/pump.py"}.items():
        (found,) = service.find_symbol(name)["results"]
        assert (found["file_path"], found["start_line"], found["symbol_kind"]) == (place, 1, "module")
        assert found["chunk_id"]


def test_a_call_through_a_value_of_unknown_class_is_told_by_what_stands_before_the_point(
    indexed: Indexed,
) -> None:
    service = indexed(
        {
            "context.js": "const proto = {\n  fail (...args) {\n    return 1\n  },\n}\n\nuse(proto)\n",
            "aaa.js": "for (const fail of fails) {\n  print(fail)\n}\n",
            "app.js": "run((ctx) => {\n  ctx.fail(404)\n})\n",
        }
    )
    usages = service.find_symbol("ctx.fail", usages=True)["usages"]
    assert [(one["file_path"], one["line"]) for one in usages if one["likely"]] == [("app.js", 2)]


def test_usages_of_a_member_are_not_shared_with_a_function_of_the_file_that_bears_the_class_name(
    indexed: Indexed,
) -> None:
    service = indexed(
        {
            "viper.go": "package viper\n\ntype Viper struct{}\n\n"
            "func Get(key string) any { return v.Get(key) }\n\n"
            "func (v *Viper) Get(key string) any {\n\treturn key\n}\n",
            "remote.go": "package viper\n\nfunc load(r Remote) any {\n\treturn remote.Get(1)\n}\n",
            "remote/x.go": "package remote\n\ntype Remote struct{}\n\n"
            "func (r *Remote) Get(a int) any {\n\treturn 1\n}\n",
        }
    )
    usages = service.find_symbol("Viper.Get", usages=True)["usages"]
    assert [(one["file_path"], one["line"], one["likely"]) for one in usages] == [
        ("viper.go", 5, True),
        ("remote.go", 4, False),
    ]


def test_a_class_in_a_header_is_no_declaration_of_a_heading(indexed: Indexed) -> None:
    service = indexed(
        {
            "slice.h": "namespace db {\nclass Slice {\n public:\n"
            "  Slice() : size_(0) {}\n  int size_;\n};\n}\n",
            "doc/index.md": "# db\n\n## Slice\n\nText.\n",
            "list.h": "template <class K>\nclass List {\n  void Insert(K key);\n};\n\n"
            "template <class K>\nvoid List<K>::Insert(K key) {\n  more();\n}\n",
        }
    )
    assert service.find_symbol("Slice")["results"][0]["symbol_kind"] == "class"
    assert [one["start_line"] for one in service.find_symbol("List<K>::Insert")["results"]] == [7, 3]


def test_usages_name_the_function_that_mentions_once_for_all_its_lines(indexed: Indexed) -> None:
    answer = indexed(
        {
            "a.py": "def turn():\n    pass\n",
            "b.py": "from a import turn\n\n\ndef twice():\n    turn()\n    turn()\n    # turn again\n",
        }
    ).find_symbol("turn", usages=True)
    _, usages = of_symbols(answer).split("4 usages\n")
    ids = {one["symbol"]: one["chunk_id"] for one in answer["usages"]}
    assert usages.splitlines() == [
        f"b.py twice {ids['twice']}",
        "  5 turn()",
        "  6 turn()",
        f"b.py {ids['']}",
        "  1 from a import turn",
        "in comments and strings:",
        f"b.py twice {ids['twice']}",
        "  7 # turn again",
    ]


def test_a_map_looks_through_what_only_wraps_the_classes_of_a_file(indexed: Indexed) -> None:
    service = indexed(
        {
            "db/slice.h": "namespace db {\nclass Slice {\n public:\n  int size();\n};\nint hash(int a);\n}\n",
            "lib/task.rb": "module Rake\n  class Task\n    def run\n      1\n    end\n  end\nend\n",
            "lib/acme.ex": "defmodule Acme do\n  def run(a), do: a\nend\n",
        }
    )
    answer = service.outline()
    shown = {path: [] for path in ("db/slice.h", "lib/task.rb", "lib/acme.ex")}  # type: dict[str, list[str]]
    for one in answer["entries"]:
        shown[one["file_path"]].append(one["symbol"])
    assert shown == {
        "db/slice.h": ["db.Slice", "db.hash"],
        "lib/task.rb": ["Rake.Task"],
        "lib/acme.ex": ["Acme"],
    }
    assert answer["total_count"] == 4
    assert {one["symbol"] for one in service.outline(depth=2)["entries"]} >= {
        "db.Slice.size",
        "Rake.Task.run",
    }
    assert service.outline("lib/task.rb")["entries"][0]["symbol"] == "Rake"


def test_the_attributes_of_a_page_that_hold_code_use_the_names_in_them(indexed: Indexed) -> None:
    page = (
        '<template>\n  <a href="cancel" @click="cancel">don\'t</a>\n  <b :to="go(cancel, \'cancel\')" />\n'
        '  <c show-cancel #cancel="cancel" />\n</template>\n'
        "<script setup>\nfunction cancel() {\n  emit('cancel')\n}\n</script>\n"
    )
    usages = indexed({"Page.vue": page}).find_symbol("cancel", usages=True)["usages"]
    assert {one["line"]: one["manner"] for one in usages} == {2: "use", 3: "use", 4: "use", 8: "comment"}


def test_calls_by_a_static_import_and_in_a_subclass_are_likely_and_come_before_tests(
    indexed: Indexed,
) -> None:
    main = "src/main/java/acme"
    service = indexed(
        {
            f"{main}/Clock.java": "package acme;\n\npublic class Clock {\n    static long tick() {}\n}\n",
            f"{main}/Base.java": "package acme;\n\nclass Base {\n    void drop() {}\n}\n",
            f"{main}/Pool.java": "package acme;\n\nimport static acme.Clock.tick;\n\n"
            "class Pool extends Base {\n    void run() {\n        tick();\n    }\n\n"
            "    class Inner {\n        void end() { drop(); }\n    }\n}\n",
            "src/test/java/acme/PoolTest.java": "package acme;\n\nimport static acme.Clock.tick;\n\n"
            "class PoolTest {\n    void runs() { Clock.tick(); }\n}\n",
        }
    )
    ticks = service.find_symbol("Clock.tick", usages=True)["usages"]
    assert (ticks[0]["file_path"], ticks[0]["line"]) == (f"{main}/Pool.java", 7)
    assert all(one["likely"] for one in ticks)
    (drop,) = service.find_symbol("Base.drop", usages=True)["usages"]
    assert drop["likely"]


def test_a_call_through_a_base_class_may_be_one_of_the_class_that_overrides_it_and_comments_are_not_counted(
    indexed: Indexed,
) -> None:
    service = indexed(
        {
            "include/db.h": "class DB {\n public:\n  virtual int Get(int key) = 0;\n};\n",
            "db/db_impl.h": '#include "db.h"\n\nclass DBImpl : public DB {\n public:\n'
            "  int Get(int key) override;\n};\n",
            "db/db_impl.cc": '#include "db_impl.h"\n\n// Get entire range, then Get the rest\n'
            "int DBImpl::Get(int key) {\n  return key;\n}\n\n// Get it again\nint x;\n",
            "db/mem.h": "class MemTable {\n public:\n  int Get(int key);\n};\n",
            "tool/dump.cc": '#include "db.h"\n#include "mem.h"\n\nint Dump(DB* store, MemTable* fresh) {\n'
            "  int a = store->Get(1);\n  return a + fresh->Get(2);\n}\n",
        }
    )
    answer = service.find_symbol("DBImpl::Get", usages=True, limit=1)
    (first,) = answer["usages"]
    assert (first["file_path"], first["line"], first["likely"]) == ("tool/dump.cc", 5, True)
    assert "Showing 1 of 4 usages (1 likely in code)" in answer["warnings"][-1]
    usages = service.find_symbol("DBImpl::Get", usages=True)["usages"]
    assert [(one["line"], one["manner"], one["likely"]) for one in usages if one["line"] == 6] == [
        (6, "call", False)
    ]


def test_usages_of_which_none_is_likely_are_counted_and_told_too(indexed: Indexed) -> None:
    service = indexed(
        {
            "a.py": "class Store:\n    def put(self):\n        return 1\n",
            "b.py": "# put it there, put it back\n# then put it away\nX = 1\n",
            "c.md": "# Notes\n\nput one, put two\n",
            "generated_pb2.py": "# Generated by the protocol buffer compiler.  DO NOT EDIT!\nX = 1\n",
        }
    )
    answer = service.find_symbol("put", usages=True, limit=1)
    assert len(answer["usages"]) == 1
    assert "Showing 1 of 3 usages (none likely in code); raise `limit`" in answer["warnings"][-1]
    unknown = service.find_symbol("gone", usages=True)["warnings"]
    assert sum(said.count("not indexed: index_status") for said in unknown) == 1


def test_a_test_case_named_like_a_class_in_another_case_does_not_hide_the_class(indexed: Indexed) -> None:
    service = indexed(
        {
            "src/hono.ts": "export class Hono {\n  run() {\n    return 1\n  }\n}\n",
            "bench/run.ts": "describe('bench', () => {\n  it('hono', () => {\n    go()\n  })\n})\n",
        }
    )
    found = [one["symbol"] for one in service.find_symbol("hono")["results"]]
    assert found == ["Hono", "bench.hono"]
