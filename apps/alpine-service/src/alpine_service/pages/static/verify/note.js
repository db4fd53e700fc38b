// Signed notes, after C2SP signed-note: a text, an empty line, and lines of signatures.

import { fromBase64, readUtf8, toHex } from "./bytes.js";
import { Malformed } from "./refusal.js";
import { ID_BYTES } from "./verifier_key.js";

export const LARGEST_NOTE = 131_072;
const LARGEST_COUNT = 16;

/** The note that bytes are: `text`, and `lines` of which each claims a `name` and a `keyId`. */
export function readNote(data) {
  if (data.length > LARGEST_NOTE) throw malformed("it has too many bytes");
  const characters = readUtf8(data, "bad-note");
  if (/[\x00-\x09\x0b-\x1f]/.test(characters)) throw malformed("it has a control character");
  const separator = characters.lastIndexOf("\n\n");
  if (separator < 0) throw malformed("it has no empty line before the signatures");
  return {
    text: characters.slice(0, separator + 1),
    lines: readLines(characters.slice(separator + 2)),
  };
}

/** The lines that claim to be by a key; only their signatures can tell whether they are. */
export function linesBy(note, key) {
  return note.lines.filter((line) => line.name === key.name && line.keyId === key.id);
}

function readLines(text) {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw malformed("there is no line feed at its end");
  if (lines.length < 1 || lines.length > LARGEST_COUNT) {
    throw malformed(`it has not 1 to ${LARGEST_COUNT} signature lines`);
  }
  return lines.map(readLine);
}

function readLine(line) {
  const found = /^— ([^\p{White_Space}+]+) ([A-Za-z0-9+/=]+)$/u.exec(line);
  if (!found) throw malformed("a signature line has not dash, name and signature");
  const payload = fromBase64(found[2]);
  if (payload.length <= ID_BYTES) throw malformed("a signature line has no signature");
  return {
    name: found[1],
    keyId: toHex(payload.subarray(0, ID_BYTES)),
    signature: payload.subarray(ID_BYTES),
  };
}

function malformed(problem) {
  return new Malformed("bad-note", problem);
}
