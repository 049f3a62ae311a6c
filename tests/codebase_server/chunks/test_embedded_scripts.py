"""What a script inside a page defines is found like what a script's own file defines."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codebase_server.chunks import split
from codebase_server.chunks.embedded import LANGUAGES, scripts_alone
from codebase_server.records import ParsedFile, SourceFile


def parsed(language: str, text: str) -> ParsedFile:
    text = textwrap.dedent(text).lstrip("\n")
    return split(SourceFile(f"page.{language}", text, "0" * 32, language, "code", len(text)))


CASES = {
    "Vue, composition": (
        "vue",
        """
        <template><button @click="add">{{ count }}</button></template>

        <script setup lang="ts" generic="T extends Record<string, number>">
        import { ref } from 'vue'
        const count = ref(0)
        /** Adds one. */
        function add(by: number = 1): void {
          count.value += by
        }
        </script>

        <style>a { color: red }</style>
        """,
        {"add": 7},
    ),
    "Vue, options": (
        "vue",
        """
        <template><p>é ü</p></template>
        <script>
        export default {
          computed: {
            total() {
              return this.items.length
            },
          },
          methods: {
            async checkout() {
              await pay(this.items)
            },
          },
        }
        </script>
        """,
        {"computed.total": 5, "methods.checkout": 10},
    ),
    "Svelte, two scripts": (
        "svelte",
        """
        <script context="module" lang="ts">
          export function preload(page: Page) {
            return page.path;
          }
        </script>
        <script>
          function greet() {
            return 'hello';
          }
        </script>
        <h1>{greet()}</h1>
        """,
        {"preload": 2, "greet": 7},
    ),
    "Astro, front matter and a script": (
        "astro",
        """
        ---
        export async function getStaticPaths(): Promise<Path[]> {
          return [];
        }
        ---
        <Layout />
        <script>
          function toggle(on: boolean) {
            return !on;
          }
        </script>
        """,
        {"getStaticPaths": 2, "toggle": 8},
    ),
    "HTML": (
        "html",
        """
        <html><script src="a.js"></script>
        <script type="application/json">{"function": 1}</script>
        <SCRIPT type="text/javascript">
        function draw(chart) {
          return chart.size;
        }
        </SCRIPT></html>
        """,
        {"draw": 4},
    ),
}


@pytest.mark.parametrize(("language", "text", "wanted"), CASES.values(), ids=CASES)
def test_functions_of_a_page_are_chunks_and_definitions_on_their_lines(
    language: str, text: str, wanted: dict[str, int]
) -> None:
    file = parsed(language, text)
    lines = {one.qualified: one.start_line for one in file.definitions}
    assert {name: lines.get(name) for name in wanted} == wanted
    assert set(wanted) <= {one.symbol for one in file.chunks}
    assert "\n".join(one.content for one in file.chunks) == textwrap.dedent(text).strip("\n")
    assert file.language == language
    assert not file.had_errors


@pytest.mark.parametrize("text", ["<p>no script</p>\n", '<script type="text/x-template"><p/></script>\n', ""])
def test_a_page_without_code_is_cut_as_text(text: str) -> None:
    assert scripts_alone("html", text.encode()) is None
    assert not parsed("html", text).definitions


def test_a_script_that_never_ends_and_tags_that_never_close_cost_no_more_than_their_length() -> None:
    assert [one.name for one in parsed("html", "<script>\nfunction f() {\n  return 1\n}\n").definitions] == [
        "f"
    ]
    parsed("html", "<script \"' " * 50_000)
    parsed("vue", "<script>" * 50_000)


@given(
    st.sampled_from(sorted(LANGUAGES)),
    st.lists(
        st.sampled_from(["<script>", "</script>", "<script lang='ts'", ">", '"', "---\n", "\n", "f()", "é"])
    ).map("".join),
)
def test_what_is_left_stands_on_the_bytes_where_it_was(language: str, text: str) -> None:
    source = text.encode()
    found = scripts_alone(language, source)
    if found is not None:
        kept = found[1]
        assert len(kept) == len(source)
        assert all(new == old or new == ord(" ") for new, old in zip(kept, source, strict=True))
        assert kept.count(b"\n") == source.count(b"\n")


def test_what_the_object_of_a_component_holds_is_defined_by_the_page() -> None:
    text = (
        "<script>\nexport default defineComponent({\n  methods: {\n    addToCart(item) {\n      return item\n"
        "    },\n  },\n  setup(props) {\n    const local = 1\n    return { local }\n  },\n})\n</script>\n"
    )
    file = split(SourceFile("Cart.vue", text, "", "vue", "code", len(text)))
    assert [one.qualified for one in file.definitions] == ["methods", "methods.addToCart", "setup"]
