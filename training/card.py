"""The numbers of docs/model-card.md, written between two marks so that prose and figures never part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

BEGIN, END = "<!-- numbers: written by python -m training embedder -->", "<!-- end of numbers -->"


def write_numbers(card: Path, numbers: dict[str, Any]) -> None:
    """Replace what stands between the marks; `ValueError` if the card has none."""
    text = card.read_text()
    before, mark, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        raise ValueError(f"{card} has no place for the numbers: put '{BEGIN}' and '{END}' where they belong.")
    card.write_text(f"{before}{BEGIN}\n\n{rendered(numbers)}\n{END}{after}")


def rendered(numbers: dict[str, Any]) -> str:
    """The numbers as Markdown."""
    corpus, held = numbers["corpus"], numbers["held_out"]
    asked = ", ".join(f"{count:,} {origin}" for origin, count in corpus["questions"].items())
    files = ", ".join(f"{language} {count:,}" for language, count in corpus["files_by_language"].items())
    recipe = ", ".join(f"{name} {value}" for name, value in numbers["recipe"].items())
    columns = list(numbers["mrr"]["words"])
    table = [
        "| MRR@10 | " + " | ".join(columns) + " |",
        "|---|" + "---|" * len(columns),
        *(
            f"| {name} | " + " | ".join(f"{row[column]:.3f}" for column in columns) + " |"
            for name, row in numbers["mrr"].items()
        ),
    ]
    return "\n".join(
        [
            f"- Model `static-{numbers['model']}-{numbers['dimensions']}`: {numbers['terms']:,} terms, "
            f"{numbers['dimensions']} dimensions, {numbers['bytes']:,} bytes.",
            f"- Corpus: {corpus['repositories']} repositories, {corpus['files']:,} files, "
            f"{corpus['definitions']:,} definitions; digest `{corpus['digest']}`.",
            f"- Questions: {asked}.",
            f"- Files: {files}.",
            f"- Recipe: {recipe}.",
            f"- Measured on {held['repositories']} held-out repositories, {held['questions']:,} questions "
            "(`all`: mean over repositories; a language: mean over its questions, where there are 40).",
            "",
            *table,
            "",
        ]
    )
