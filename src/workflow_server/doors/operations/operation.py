"""What an operation is, and how its arguments become a signature that the argument checker reads."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NotRequired, Required, get_args, get_origin

from typing_extensions import get_type_hints

from bridge.hosting.arguments import Arguments
from workflow_server.records import Call
from workflow_server.service import WorkflowService

Run = Callable[[WorkflowService, Call, dict[str, Any]], Awaitable[Mapping[str, Any]]]
Effect = Literal["reads", "adds", "removes"]


@dataclass(frozen=True)
class Operation:
    """One tool.

    `arguments` is a TypedDict; its fields are the arguments in the order of publication, `project` put last.
    `defaults` are published and left out of calls: the service has the same. `published` replaces the
    schema of an argument where its own would tell at length what another tool tells already; the check is
    not weakened by it. `answer` is the output schema of what the MCP door answers. `emptied` are the
    arguments that null may empty, with the value that empties them; such an operation is handed its nulls.
    """

    name: str
    title: str
    description: str
    arguments: type
    run: Run
    answer: dict[str, Any]
    effect: Effect
    defaults: Mapping[str, Any] = field(default_factory=dict)
    published: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    emptied: Mapping[str, Any] = field(default_factory=dict)

    async def carry_out(
        self, service: WorkflowService, call: Call, given: dict[str, Any]
    ) -> Mapping[str, Any]:
        """`run`, counted and timed by the service's meter."""
        with service.meter.measured(self.name):
            return await self.run(service, call, given)

    @property
    def signature(self) -> inspect.Signature:
        """Keyword parameters for the fields of `arguments`; those not required default to None."""
        hints = get_type_hints(self.arguments, include_extras=True)
        required: frozenset[str] = self.arguments.__required_keys__  # type: ignore[attr-defined]  # a TypedDict
        names = sorted(hints, key=lambda name: (name == "project", name not in required))
        return inspect.Signature(
            [
                inspect.Parameter(
                    name,
                    inspect.Parameter.KEYWORD_ONLY,
                    annotation=self._annotation(_bare(hints[name]), name in required),
                    default=inspect.Parameter.empty if name in required else self.defaults.get(name),
                )
                for name in names
            ]
        )

    def _annotation(self, hint: Any, required: bool) -> Any:
        return hint if required or not self.emptied else hint | None

    @cached_property
    def checker(self) -> Arguments:
        """Checks the arguments of a call: `checker.accept(given)`."""

        def shape(**_: Any) -> None: ...

        shape.__name__ = self.name
        shape.__signature__ = self.signature  # type: ignore[attr-defined]  # functions take attributes
        return Arguments(shape)


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) in (Required, NotRequired) else hint
