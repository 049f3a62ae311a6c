"""The rules of claims as tables: whose an item is, what is said of it, what taking and giving back change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.agreed.errors import TandemError
from workflow_server.claims import decide
from workflow_server.items.model import ClaimState, Item
from workflow_server.records import Actor

NOW, BEFORE, AFTER = "2026-03-02T09:00:00.000Z", "2026-03-02T08:59:59.999Z", "2026-03-02T09:00:00.001Z"
TOKEN = "ct_mine"
ANN, BO = Actor("ann", "host 1", "mcp"), Actor("bo", "", "cli")
ITEM = Item(id="wi_aaaaaaa", title="Build", status="active")


def held(until: str | None = None, minutes: float | None = None, client: str = "host 1") -> Item:
    """The item in ann's hands since eight, by `TOKEN`."""
    at = "2026-03-02T08:00:00.000Z"
    claim = ClaimState("ann", client, "mcp", at, decide.key_of(TOKEN), minutes=minutes, lease_until=until)
    return replace(ITEM, claim=claim)


@pytest.mark.parametrize(
    ("item", "token", "standing"),
    [
        (ITEM, None, "free"),
        (ITEM, TOKEN, "free"),
        (held(), None, "theirs"),
        (held(), "ct_other", "theirs"),
        (held(), TOKEN, "mine"),
        (held(AFTER), "ct_other", "theirs"),
        (held(AFTER), TOKEN, "mine"),
        (held(NOW), "ct_other", "free"),
        (held(BEFORE), None, "free"),
        (held(BEFORE), TOKEN, "mine"),
    ],
)
def test_whose_an_item_is(item: Item, token: str | None, standing: str) -> None:
    assert decide.standing(item, token, NOW) == standing


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (ITEM, "nobody holds it"),
        (held(BEFORE), "nobody holds it"),
        (held(), "ann (host 1) holds it through mcp since 2026-03-02T08:00:00.000Z without a lease"),
        (held(AFTER), f"ann (host 1) holds it through mcp since 2026-03-02T08:00:00.000Z until {AFTER}"),
        (held(client=""), "ann holds it through mcp since 2026-03-02T08:00:00.000Z without a lease"),
    ],
)
def test_who_holds_it_in_words(item: Item, words: str) -> None:
    assert decide.described(item, NOW) == words


def test_a_token_that_no_longer_holds_is_refused_with_who_does_and_what_to_do() -> None:
    error = decide.refuse_late(held(AFTER), NOW)
    assert error.code == "claim_lost"
    assert error.message == (
        "The claim_token given for wi_aaaaaaa 'Build' is not, or no longer, its holder's: "
        f"ann (host 1) holds it through mcp since 2026-03-02T08:00:00.000Z until {AFTER}."
    )
    assert error.hint == (
        "Stop working on it, read it again with get_work_item, and claim it anew if it is ready."
    )
    assert error.details == {"id": "wi_aaaaaaa"}


@pytest.mark.parametrize(
    ("item", "token", "actor", "refused"),
    [
        (ITEM, None, BO, None),
        (ITEM, TOKEN, BO, None),  # nobody holds it: an old token harms nobody
        (held(), None, BO, None),  # only leases keep others from writing
        (held(), TOKEN, BO, None),
        (held(), "ct_other", ANN, "claim_lost"),
        (held(BEFORE), "ct_other", ANN, "claim_lost"),
        (held(AFTER), None, BO, "claimed"),
        (held(AFTER), None, ANN, None),
        (held(BEFORE), None, BO, None),
        (held(AFTER), TOKEN, BO, None),
    ],
)
def test_who_may_write(item: Item, token: str | None, actor: Actor, refused: str | None) -> None:
    if refused is None:
        decide.check_write(item, token, actor, NOW)
        return
    with pytest.raises(TandemError) as error:
        decide.check_write(item, token, actor, NOW)
    assert error.value.code == refused
    if refused == "claimed":
        assert error.value.message == f"wi_aaaaaaa 'Build' is claimed: {decide.described(item, NOW)}."
        assert error.value.hint == "Pass its claim_token if that is you, or wait until the lease ends."
        assert error.value.details == {"id": "wi_aaaaaaa", "claimed_by": "ann", "lease_until": AFTER}


@pytest.mark.parametrize(
    ("item", "token", "actor", "until"),
    [
        (held(AFTER, 30), TOKEN, BO, "2026-03-02T09:30:00.000Z"),
        (held(AFTER, 30), None, ANN, "2026-03-02T09:30:00.000Z"),
        (held(AFTER, 30), None, BO, AFTER),
        (held(AFTER, 30), "ct_other", ANN, AFTER),
        (held(BEFORE, 30), None, ANN, BEFORE),  # lapsed: the name alone does not bring it back
        (held(BEFORE, 30), TOKEN, ANN, "2026-03-02T09:30:00.000Z"),
        (held(), TOKEN, ANN, None),
    ],
)
def test_whose_write_starts_the_lease_anew(
    item: Item, token: str | None, actor: Actor, until: str | None
) -> None:
    after = decide.renewed(item, token, actor, NOW)
    assert after.claim is not None
    assert after.claim.lease_until == until
    assert replace(after, claim=item.claim) == item, "and changes nothing else"


def test_a_write_without_a_claim_renews_nothing() -> None:
    assert decide.renewed(ITEM, TOKEN, ANN, NOW) is ITEM


@pytest.mark.parametrize("status", ["planned", "active", "blocked"])
def test_taking_and_giving_back(status: str) -> None:
    """A planned item becomes active while it is held; any other stays what it is."""
    item = replace(ITEM, status=status)
    taken = decide.taken(item, TOKEN, ANN, 90, NOW)
    assert taken.status == ("active" if status == "planned" else status)
    assert taken.claim == ClaimState(
        "ann",
        "host 1",
        "mcp",
        NOW,
        decide.key_of(TOKEN),
        minutes=90,
        lease_until="2026-03-02T10:30:00.000Z",
        from_status=status,
    )
    assert decide.released(taken) == item
    assert decide.taken(item, TOKEN, ANN, None, NOW).claim == replace(
        taken.claim, minutes=None, lease_until=None
    )


@pytest.mark.parametrize(("status", "back"), [("completed", "completed"), ("blocked", "blocked")])
def test_what_was_done_while_it_was_held_stays_after_a_release(status: str, back: str) -> None:
    taken = decide.taken(replace(ITEM, status="planned"), TOKEN, ANN, None, NOW)
    assert decide.released(replace(taken, status=status)).status == back


def test_a_token_is_stored_as_its_hash() -> None:
    assert decide.key_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_what_happened_meanwhile_follows_the_refusal_sentence_by_sentence() -> None:
    error = decide.refuse_late(ITEM, NOW, ["bo gave it back.", "bo renamed it."])
    assert error.message.endswith("its holder's: nobody holds it. bo gave it back. bo renamed it.")


@pytest.mark.parametrize(
    ("item", "token", "actor", "asks_token", "goes_over"),
    [
        (ITEM, None, BO, True, False),  # nobody holds it
        (held(), None, BO, True, True),
        (held(AFTER), None, BO, True, True),
        (held(BEFORE), None, BO, True, False),  # its lease has run out
        (held(), TOKEN, ANN, True, False),  # the token was asked about before
        (held(), None, ANN, True, True),  # two windows of one program look alike
        (held(), None, ANN, False, False),
        (held(client="host 2"), None, ANN, False, True),  # another program of the same name's
    ],
)
def test_what_goes_over_a_claim_is_kept_with_whose_it_was(
    item: Item, token: str | None, actor: Actor, asks_token: bool, goes_over: bool
) -> None:
    kept = decide.over(item, token, actor, NOW, asks_token=asks_token)
    assert item.claim is not None or not goes_over
    assert kept == (
        {
            "over_claim": {
                "by": "ann",
                "client": item.claim.client,
                "door": "mcp",
                "at": "2026-03-02T08:00:00.000Z",
            }
        }
        if goes_over and item.claim is not None
        else {}
    )
