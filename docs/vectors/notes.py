"""Keys, checkpoints and proof files, good and bad."""

from docs.vectors.basics import (
    FORGER,
    LOG,
    LOG_KEY,
    NOW,
    SECOND,
    STRANGER,
    WITNESS,
    Case,
    bad_case,
    flipped,
    spelled,
)
from docs.vectors.trees import DATA, LEAVES, root_of

from argo_adapters.keys.ed25519 import Ed25519Signer
from argo_core.ledger.checkpoint import Checkpoint
from argo_core.ledger.cosignature import cosign
from argo_core.ledger.merkle import EMPTY_ROOT
from argo_core.ledger.note import Note, SignatureLine
from argo_core.ledger.proof import prove_inclusion
from argo_core.ledger.proof_file import ProofFile
from argo_core.ledger.strict_base64 import write_base64
from argo_core.ledger.verifier_key import VerifierKey


def signed_line(signer: Ed25519Signer, text: str, time_s: int | None = None) -> SignatureLine:
    if time_s is not None:
        return cosign(text, time_s, signer.key, signer.sign)
    return SignatureLine(signer.key.name, signer.key.key_id, signer.sign(text.encode()))


def marked(key: VerifierKey, payload: bytes) -> SignatureLine:
    return SignatureLine(key.name, key.key_id, payload)


CHECKPOINT = Checkpoint(LOG, 13, root_of(13))
TEXT = CHECKPOINT.text
SIGNED = signed_line(LOG_KEY, TEXT)
FIRST = signed_line(WITNESS, TEXT, NOW)


def note_of(*lines: SignatureLine, text: str = TEXT) -> bytes:
    return Note(text, lines).encode()


def key_cases() -> Case:
    good = [one.key for one in (LOG_KEY, WITNESS, SECOND, STRANGER)]
    # In capitals an id looks different only if it has letters.
    text = next(str(one) for one in good if not one.key_id.hex().isdigit())
    name, key_id, material = text.split("+", 2)
    bad = {
        "its id is not the one of its name and key": text.replace(key_id, "00000000"),
        "its id is in capitals": f"{name}+{key_id.upper()}+{material}",
        "its name has a space": text.replace(name, "argo example"),
        "it has no name": text.removeprefix(name),
        "it has no key": f"{name}+{key_id}+",
        "its key is cut off": f"{name}+{key_id}+{write_base64(bytes([1]) + bytes(31))}",
        "its algorithm is neither 1 nor 4": f"{name}+{key_id}+{write_base64(bytes([2] * 33))}",
        "there is a line feed after it": text + "\n",
    }
    return {
        "good": [
            {
                "key": str(one),
                "name": one.name,
                "id": one.key_id.hex(),
                "algorithm": one.algorithm,
                "public_key": one.public_key.hex(),
            }
            for one in good
        ],
        "bad": [{"key": one, "reason": reason} for reason, one in bad.items()],
    }


def checkpoint_cases() -> Case:
    second = signed_line(SECOND, TEXT, NOW + 5)
    forged = marked(WITNESS.key, FIRST.payload[:-1] + bytes([FIRST.payload[-1] ^ 1]))
    unknown = SignatureLine("свидетель.example", b"\1\2\3\4", b"anything")
    other_time = marked(WITNESS.key, (NOW + 1).to_bytes(8, "big") + FIRST.payload[8:])
    empty = Checkpoint(LOG, 0, EMPTY_ROOT).text
    good = [
        ("signed by the log alone", note_of(SIGNED), 13, {}),
        ("cosigned by one witness", note_of(SIGNED, FIRST), 13, {WITNESS: NOW}),
        ("cosigned by both", note_of(SIGNED, FIRST, second), 13, {WITNESS: NOW, SECOND: NOW + 5}),
        (
            "signatures of strangers do not matter",
            note_of(unknown, SIGNED, FIRST),
            13,
            {WITNESS: NOW},
        ),
        ("a bad cosignature does not count", note_of(SIGNED, forged), 13, {}),
        ("a cosignature of another time does not count", note_of(SIGNED, other_time), 13, {}),
        (
            "the earliest of a witness counts",
            note_of(SIGNED, signed_line(WITNESS, TEXT, NOW + 9), FIRST),
            13,
            {WITNESS: NOW},
        ),
        ("the empty log", note_of(signed_line(LOG_KEY, empty), text=empty), 0, {}),
    ]
    plain = note_of(SIGNED).decode()
    stranger = Checkpoint(STRANGER.key.name, 13, root_of(13)).text
    extended = TEXT + "extension\n"
    padded = TEXT.replace("\n13\n", "\n013\n")
    false_empty = TEXT.replace("\n13\n", "\n0\n")
    root = TEXT.split("\n")[2]
    spare = TEXT.replace(root, root[:-2] + chr(ord(root[-2]) + 1) + "=")
    payload = str(SIGNED).split()[-1]

    def signed(text: str) -> bytes:
        return note_of(signed_line(LOG_KEY, text), text=text)

    bad = {
        "no line is the log's": note_of(FIRST),
        "the log's signature is of another text": plain.replace("\n13\n", "\n14\n").encode(),
        "another key made the log's signature": note_of(
            marked(LOG_KEY.key, FORGER.sign(TEXT.encode()))
        ),
        "a bad signature by the log is beside a good one": note_of(
            SIGNED, marked(LOG_KEY.key, flipped(SIGNED.payload))
        ),
        "it is of another log": note_of(signed_line(STRANGER, stranger), text=stranger),
        "it is of another log, signed by ours": signed(stranger),
        "it has an extension line": signed(extended),
        "its size has a leading zero": signed(padded),
        "its size is 0 and its root is another's": signed(false_empty),
        "its root's base64 has spare bits": signed(spare),
        "its signature's base64 has white space": plain.replace(payload, payload + " ").encode(),
        "its signature's base64 is not padded": plain.replace(
            payload, payload.rstrip("=")
        ).encode(),
        "it has carriage returns": plain.replace("\n", "\r\n").encode(),
        "there is no line feed at its end": plain[:-1].encode(),
        "there is no empty line before the signatures": plain.replace("\n\n", "\n").encode(),
        "its dash is a hyphen": plain.replace("\u2014", "-").encode(),
        "it has seventeen signatures": plain.encode() + f"{SIGNED}\n".encode() * 16,
        "it is not UTF-8": plain.encode().replace(b"\xe2\x80\x94", b"\xe2\x80"),
        "it has a control character": signed(TEXT.replace("argo", "ar\x7fgo")).replace(
            b"\x7f", b"\x01"
        ),
    }
    return {
        "good": [
            {
                "says": says,
                **spelled(data),
                "origin": LOG,
                "size": size,
                "root": root_of(size).hex(),
                "cosigned": {one.key.name: time_s for one, time_s in times.items()},
                "is_met": len(times) >= 1,
                "witnessed_at": min(times.values(), default=None),
            }
            for says, data, size, times in good
        ],
        "bad": [bad_case(reason, data) for reason, data in bad.items()],
    }


def proof_file_cases() -> Case:
    note = note_of(SIGNED, FIRST)
    proof = prove_inclusion(LEAVES[:13], 6)
    good = [(at, ProofFile(at, prove_inclusion(LEAVES[:13], at), note)) for at in (0, 6, 12)]
    good.append((6, ProofFile(6, proof, note, b"an application's own")))
    data = ProofFile(6, proof, note).encode()
    lines = data.decode().split("\n")
    bad = {
        "another entry": (DATA[5], data),
        "another index": (DATA[6], data.replace(b"index 6", b"index 7")),
        "an index beyond the end": (DATA[6], data.replace(b"index 6", b"index 13")),
        "an index with a leading zero": (DATA[6], data.replace(b"index 6", b"index 06")),
        "a hash is missing": (DATA[6], "\n".join(lines[:2] + lines[3:]).encode()),
        "a hash is left over": (DATA[6], "\n".join([*lines[:3], *lines[2:]]).encode()),
        "a hash's base64 has spare bits": (DATA[6], data.replace(
            lines[2].encode(), (lines[2][:-2] + chr(ord(lines[2][-2]) + 1) + "=").encode()
        )),
        "another version": (DATA[6], data.replace(b"proof@v1", b"proof@v2")),
        "no index": (DATA[6], data.replace(b"index 6\n", b"")),
        "the index comes before the extra data": (
            DATA[6],
            data.replace(b"index 6\n", b"index 6\nextra AAAA\n"),
        ),
        "empty extra data": (DATA[6], data.replace(b"index 6", b"extra \nindex 6")),
        "carriage returns": (DATA[6], data.replace(b"\n", b"\r\n")),
        "no checkpoint": (DATA[6], data.split(b"\n\n")[0] + b"\n\n"),
        "a checkpoint that another key signed": (
            DATA[6],
            ProofFile(6, proof, note_of(marked(LOG_KEY.key, FORGER.sign(TEXT.encode())))).encode(),
        ),
    }  # fmt: skip
    return {
        "good": [
            {"entry": spelled(DATA[at]), "file": spelled(file.encode()), "index": at, "size": 13,
             "witnessed_at": NOW}
            for at, file in good
        ],
        "bad": [
            {"entry": spelled(entry), "file": spelled(file), "reason": reason}
            for reason, (entry, file) in bad.items()
        ],
    }  # fmt: skip
