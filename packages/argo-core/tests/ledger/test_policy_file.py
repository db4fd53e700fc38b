"""A policy file says which log, which witnesses, and how many of them; the rest is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.ledger.policy import MAX_WITNESSES, Policy, WitnessKey
from argo_core.ledger.policy_file import MAX_POLICY_BYTES, parse_policy
from argo_core.ledger.verifier_key import COSIGNATURE, VerifierKey
from argo_core.testing.fake_signer import FakeSigner

LOG = FakeSigner("argo.example/log").key
OTHER = FakeSigner("other.example/log").key
A, B, C = (FakeSigner(f"{name}.example", COSIGNATURE).key for name in "abc")
THREE = f"witness A {A}\nwitness B {B}\nwitness C {C}\n"


def test_a_log_a_witness_and_a_quorum() -> None:
    text = f"log {LOG}\nwitness alpine {A} https://alpine.example/argo/\nquorum alpine\n"
    witness = WitnessKey(A, "https://alpine.example/argo/")
    assert parse_policy(text.encode()) == Policy(LOG, (witness,), 1)


@pytest.mark.parametrize(
    ("threshold", "quorum"), [("any", 1), ("all", 3), ("1", 1), ("2", 2), ("3", 3)]
)
def test_so_many_of_a_group(threshold: str, quorum: int) -> None:
    text = f"log {LOG} https://argo.example\n{THREE}group G {threshold} A B C\nquorum G"
    policy = parse_policy(text.encode())
    assert (policy.keys, policy.quorum) == ((A, B, C), quorum)


def test_nobody_need_agree_and_witnesses_are_asked_all_the_same() -> None:
    policy = parse_policy(f"log {LOG}\n{THREE}quorum none\n".encode())
    assert (policy.keys, policy.quorum) == ((A, B, C), 0)


def test_blanks_comments_and_foreign_letters_mean_nothing() -> None:
    text = (
        f"# Wem wir trauen: für alle\n\n \t# indented\n\tlog\t {LOG}  \n"
        f"witness Gläubiger\t{A}\n   quorum  Gläubiger \n"
    )
    assert parse_policy(text.encode()) == Policy(LOG, (WitnessKey(A),), 1)
    assert parse_policy(text.encode("latin-1")) == Policy(LOG, (WitnessKey(A),), 1)


def test_a_known_log_may_be_left_out_or_be_one_of_several() -> None:
    assert parse_policy(b"quorum none", LOG) == Policy(LOG)
    assert parse_policy(f"log {OTHER}\nlog {LOG}\nquorum none".encode(), LOG) == Policy(LOG)


def test_a_policy_for_other_logs_is_refused() -> None:
    with pytest.raises(InvalidInput, match="it is not for argo"):
        parse_policy(f"log {OTHER}\nquorum none".encode(), LOG)


@pytest.mark.parametrize("logs", ["", f"log {LOG}\nlog {OTHER}\n"])
def test_where_no_log_is_known_the_file_names_one(logs: str) -> None:
    with pytest.raises(InvalidInput, match=r"names \d logs"):
        parse_policy(f"{logs}quorum none".encode())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it has no quorum"),
        ("quorum A", "'A' is not defined above"),
        (f"quorum A\n{THREE}", "'A' is not defined above"),
        ("quorum none\nquorum none", "line 2, quorum: it is there twice"),
        ("quorum", "is no line of a policy"),
        ("quorum none none", "is no line of a policy"),
        ("Quorum none", "is no line of a policy"),
        ("quorum none # why", "is no line of a policy"),
        ("log", "is no line of a policy"),
        (f"log {LOG} https://a b", "is no line of a policy"),
        (f"log {LOG} ftp://a\nquorum none", "it is no HTTP address"),
        (f"witness A {A} https://ä\nquorum none", "it is no HTTP address"),
        (f"log {LOG}\nlog {LOG}\nquorum none", "a log is there twice"),
        (f"log {LOG}x\nquorum none", "line 1, key"),
        (f"log {A}\nquorum none", "it is not for"),
        (f"witness {A}\nquorum none", "is no line of a policy"),
        (f"witness A {LOG}\nquorum A", "it is a key that signs checkpoints"),
        (f"witness A {A}\nwitness B {A}\nquorum none", "a key is there twice"),
        (f"witness A {A}\nwitness A {B}\nquorum A", "line 2, name: 'A' is in use"),
        (f"witness none {A}\nquorum none", "'none' is in use"),
        (f"{THREE}group A any B C\nquorum A", "'A' is in use"),
        (f"{THREE}group G\nquorum G", "is no line of a policy"),
        (f"{THREE}group G any\nquorum G", "is no line of a policy"),
        (f"{THREE}group G 0 A B C\nquorum G", "0 of 3 members"),
        (f"{THREE}group G 4 A B C\nquorum G", "4 of 3 members"),
        (f"{THREE}group G two A B C\nquorum G", "'two' is not a whole number"),
        (f"{THREE}group G 02 A B C\nquorum G", "'02' is not a whole number"),
        (f"{THREE}group G any A B A\nquorum G", "a witness is a member twice"),
        (f"{THREE}group G any A B\ngroup H any B C\nquorum H", "a witness is a member twice"),
        (f"{THREE}group G any A B none\nquorum G", "'none' is no witness defined above"),
        (f"{THREE}group G any A B D\nquorum G", "'D' is no witness defined above"),
        (f"{THREE}group G any A B\ngroup H all G C\nquorum H", "'G' is a group"),
        (f"{THREE}group G any A B\nquorum G", "'C' is a witness and does not count"),
        (f"{THREE}quorum A", "'B' is a witness and does not count"),
        ("quorum\x0bnone", "it has control characters"),
        ("quorum none\r\n", "it has control characters"),
        ("quorum none\x7f", "it has control characters"),
        ("quorum none" + "\n" * MAX_POLICY_BYTES, "it has 65547 bytes"),
    ],
)
def test_what_cannot_be_understood_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        parse_policy(text.encode(), LOG)


def test_more_witnesses_than_a_checkpoint_has_room_for_are_refused() -> None:
    keys = [FakeSigner(f"w{number}.example", COSIGNATURE).key for number in range(MAX_WITNESSES)]
    text = "".join(f"witness {number} {key}\n" for number, key in enumerate(keys))
    assert len(parse_policy(f"{text}quorum none".encode(), LOG).keys) == MAX_WITNESSES
    with pytest.raises(InvalidInput, match="15 at most"):
        parse_policy(f"{text}witness more {A}\nquorum none".encode(), LOG)


@given(data=st.binary() | st.text(alphabet="log witness group quorum none A1\n\t").map(str.encode))
def test_whatever_is_sent_is_a_policy_or_refused(data: bytes) -> None:
    try:
        policy = parse_policy(data, LOG)
    except InvalidInput:
        return
    assert policy.log == LOG


@given(
    threshold=st.integers(1, 3),
    order=st.permutations(["A", "B", "C"]),
    blanks=st.lists(st.sampled_from([" ", "\t", "  "]), min_size=1, max_size=4),
)
def test_order_of_members_and_width_of_blanks_do_not_matter(
    threshold: int, order: list[str], blanks: list[str]
) -> None:
    keys: dict[str, VerifierKey] = {"A": A, "B": B, "C": C}
    gap = "".join(blanks)
    lines = [f"log {LOG}", *(f"witness {name} {keys[name]}" for name in order)]
    lines += [f"group G {threshold} {' '.join(order)}", "quorum G"]
    text = "\n".join(gap + line.replace(" ", gap) + gap for line in lines)
    policy = parse_policy(text.encode())
    assert (set(policy.keys), policy.quorum) == ({A, B, C}, threshold)
