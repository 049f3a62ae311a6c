"""C and C++ that only a preprocessor makes a language of: macros, conditionals, headers told late."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codebase_server.chunks import conditionals, macros, split
from codebase_server.files.reading import decode
from codebase_server.records import ParsedFile, SourceFile


def parsed(text: str, language: str = "cpp") -> ParsedFile:
    body = textwrap.dedent(text).lstrip("\n")
    file = split(SourceFile("file.cc", body, "", language, "code", len(body)))
    owned = [line for chunk in file.chunks for line in range(chunk.start_line, chunk.end_line + 1)]
    assert owned == list(range(1, len(body.splitlines()) + 1)), "each line once"
    return file


def symbols(text: str, language: str = "cpp") -> set[str]:
    return {one.qualified for one in parsed(text, language).definitions}


# fmt: off
MACROS = {
    "before the name of a class, with arguments": (
        'class API_VISIBLE("default") format_error : public std::runtime_error {\n  int code();\n};\n',
        {"format_error", "format_error.code"},
    ),
    "before the name of a structure whose members have values": (
        "struct API_EXPORT Options {\n  size_t buffer = 4 * 1024;\n  bool strict = false;\n};\n",
        {"Options", "Options.buffer", "Options.strict"},
    ),
    "two of them over two lines": (
        'class API_EXPORT API_DEPRECATED(\n    "gone soon") Reporter\n    : Base {\n  int code();\n};\n',
        {"Reporter", "Reporter.code"},
    ),
    "before a template": (
        "API_EXPORT template <typename T> class arg_store {\n  void push(T value) { keep(value); }\n};\n",
        {"arg_store", "arg_store.push"},
    ),
    "behind the name of a class": (
        "struct Table API_FINAL : private flat::Base {\n  int size() const { return 1; }\n};\n",
        {"Table", "Table.size"},
    ),
    "behind the name of an enumeration": (
        "struct Table {\n  enum Offset OFFSET_TYPE {\n    FIRST = 4,\n    LAST = 6\n  };\n};\n",
        {"Table.Offset", "Table.Offset.FIRST"},
    ),
    "behind a member": (
        "class Log {\n  int count() { return n_; }\n  int n_ GUARDED_BY(mutex_);\n  Queue<Item> rest_\n"
        "      GUARDED_BY(mutex_);\n};\n",
        {"Log", "Log.count", "Log.n_", "Log.rest_"},
    ),
    "before a constructor with initial values": (
        "class Big {\n  API_CONSTEXPR bool ok() const { return true; }\n"
        "  API_CONSTEXPR Big() : exp_(0) {}\n  API_CONSTEXPR ~Big() { drop(); }\n  int exp_;\n};\n",
        {"Big.ok", "Big.Big", "Big.~Big", "Big.exp_"},
    ),
    "in small letters": (
        "struct Child {\n  really_inline Child operator|(const Child other) const { return both(other); }\n"
        "  really_inline error_code get(int &out) noexcept { return read(out); }\n};\n",
        {"Child.operator|", "Child.get"},
    ),
    "on lines of their own": (
        "API_BEGIN_NAMESPACE\nAPI_PUSH_(4805 4100)\nclass Store {\n  int size();\n};\nAPI_END_NAMESPACE\n",
        {"Store", "Store.size"},
    ),
    "among the parameters of a template": (
        "template <typename T, ENABLE_IF(is_text<T>::value)>\nauto write(T out) -> T {\n  return out;\n}\n",
        {"write"},
    ),
    "the convention of a call": (
        "typedef BOOL (WINAPI *AcceptPtr)(SOCKET, DWORD);\ntypedef void (APIENTRYP DRAWPROC) (int mode);\n",
        {"AcceptPtr", "DRAWPROC"},
    ),
}
# fmt: on


@pytest.mark.parametrize("what", MACROS)
def test_a_macro_hides_no_definition(what: str) -> None:
    text, expected = MACROS[what]
    rest = "\nint after(int x) {\n  return x + 1;\n}\n"
    found = symbols(text + rest)
    assert expected | {"after"} <= found, found
    assert not {name for name in found if name.isupper() and "." not in name} - {"DRAWPROC"}, (
        "no macro is a name"
    )


def test_what_is_written_in_capitals_without_being_a_macro_stays() -> None:
    text = """
        enum Color {
          RED_ONE,
          GREEN_TWO
        };
        inline int RUN_ALL_TESTS() { return Run(); }
        static const int LIMIT_OF_ALL = 3;
        struct FILE_INFO {
          int size;
        };
        enum class STATE : int { ON, OFF };
        """
    expected = {"Color.RED_ONE", "Color.GREEN_TWO", "RUN_ALL_TESTS", "LIMIT_OF_ALL", "FILE_INFO", "STATE.ON"}
    assert expected <= symbols(text), symbols(text)


def test_branches_that_each_stand_alone_are_all_kept() -> None:
    text = """
        #ifndef STORE_H
        #define STORE_H
        class Log {
        #ifdef DEBUG
          explicit Log(int max)
              : max_(max) {
        #else
          explicit Log(int max) {
        #endif
            begin();
          }
        #if WINDOWS
          int open() { return 1; }
        #else
          int open_elsewhere() { return 2; }
        #endif
          int max_;
        };
        int after() { return 3; }
        #endif
        """
    found = symbols(text)
    assert {"Log", "Log.open", "Log.open_elsewhere", "Log.max_", "after"} <= found, found
    assert "STORE_H" not in found, "a header's guard names nothing"


def test_types_within_types_are_definitions_with_their_members() -> None:
    text = """
        class SkipList {
         public:
          // Goes over what is stored.
          class Iterator : public Base {
           public:
            bool Valid() const { return node_ != nullptr; }
          };
          enum Kind { FIRST, SECOND };
          struct Node { int key; } head_;
        };
        """
    found = symbols(text)
    assert {
        "SkipList.Iterator", "SkipList.Iterator.Valid", "SkipList.Kind", "SkipList.Kind.SECOND",
        "SkipList.Node", "SkipList.Node.key", "SkipList.head_",
    } <= found, found  # fmt: skip
    of_iterator = next(chunk for chunk in parsed(text).chunks if chunk.symbol == "SkipList.Iterator")
    assert of_iterator.doc == "Goes over what is stored."


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (
            "struct is_contiguous<std::basic_string<Char, Traits>> : yes {};",
            "is_contiguous<basic_string<Char, Traits>>",
        ),
        ("struct conjunction<P1, Pn...> : all<Pn...> {};", "conjunction<P1, Pn>"),
        ("struct hash<T> { int of(T value) { return 1; } };", "hash<T>"),
    ],
)
def test_a_specialisation_has_its_own_name_not_that_of_an_argument(written: str, name: str) -> None:
    found = symbols("template <typename... T>\n" + written + "\n")
    assert name in found, found


def test_a_comment_in_a_macro_of_several_lines_hides_nothing_behind_it() -> None:
    found = symbols(
        "#define DECODE(p, n) do {  \\\n"
        "    if (p) {               \\\n"
        "        n = 0; /* bad */   \\\n"
        "    }                      \\\n"
        "} while(0)\n\n"
        "int store(unsigned char *p, unsigned int n) {\n    uint32_t u;\n    return u;\n}\n",
        "c",
    )
    assert {"DECODE", "store"} <= found
    assert not found & {"p", "unsigned"}


def test_an_arrow_in_the_name_of_an_operator_is_no_path() -> None:
    found = symbols("struct Ptr {\n  T *operator->() const { return t_; }\n};\n")
    assert "Ptr.operator->" in found, found


@pytest.mark.parametrize(
    ("sign", "language"),
    [
        ("class Widget : public Base {\n};\n", "cpp"),
        ("namespace gui {\nint draw();\n}\n", "cpp"),
        ("using Size = int;\n", "cpp"),
        ("/*\n   class of devices, using the namespace of\n   virtual ports\n*/\nint draw(void);\n", "c"),
    ],
)
def test_a_header_may_say_late_that_it_is_cpp(sign: str, language: str) -> None:
    macro_lines = "".join(f"#define OPTION_{i} {i} /* what it is for, in many words */\n" for i in range(200))
    source = decode("gui.h", (macro_lines + sign).encode())
    assert isinstance(source, SourceFile)
    assert source.language == language


@given(st.text(alphabet="AB_(){}<>[]:;,#\n \\\"'/*aifendls=&", max_size=300).map(str.encode))
def test_every_byte_stays_where_it_was(source: bytes) -> None:
    for changed in (macros.masked(source), conditionals.without_conditionals(source)):
        assert len(changed) == len(source)
        assert [i for i, byte in enumerate(changed) if byte == 10] == [
            i for i, byte in enumerate(source) if byte == 10
        ]
        assert all(new in (old, 32) for new, old in zip(changed, source, strict=True))


@pytest.mark.parametrize("depth", [400, 4_000])
def test_conditionals_in_one_another_are_read_a_few_times_not_once_for_each(depth: int) -> None:
    text = "#if A\nint f() { return 1; }\n" * depth + "#else\nint g() { return 2; }\n#endif\n" * depth
    assert len(conditionals.without_conditionals(text.encode())) == len(text)


def test_initialisers_handed_to_a_macro_hide_nothing_behind_them() -> None:
    text = """
        RESET_TEMPLATE(profile, defaults,
            .limit = 500, // of what (
        );

        void reset(profile *p)
        {
            RESET_CONFIG(profile, p,
                .pid = {
                    [ROLL] = { 1, 2 },
                },
                .limit = 500,
            );
        }

        static void step(int a)
        {
            if (a) { a++; }
        }

        void FAST_CODE run(void) { }
    """
    assert symbols(text, "c") == {"reset", "step", "run"}
