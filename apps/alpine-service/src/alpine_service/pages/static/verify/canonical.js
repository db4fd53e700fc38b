// Canonical bytes: the one spelling of a flat object, which is what is hashed, kept and sent.

import { Malformed } from "./refusal.js";

export const LARGEST_ENTRY = 65_535;

const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * The members of canonical bytes, as a Map in their order.
 * `JSON.parse` is more generous than the protocol, so the members are written again: what was
 * doubled, unordered, spaced, or escaped without need does not come out as it went in.
 */
export function readCanonical(data) {
  if (data.length > LARGEST_ENTRY) throw malformed("it has too many bytes");
  const text = Array.from(data, (byte) => String.fromCharCode(byte)).join("");
  if (!PRINTABLE.test(text)) throw malformed("it is not printable ASCII");
  const members = parse(text);
  for (const [name, value] of members) {
    if (!/^[a-z0-9_]+$/.test(name)) throw malformed("a key is not of a-z, 0-9 and _");
    refuseOtherValue(value);
  }
  if (write(members) !== text) throw malformed("it is not spelled canonically");
  return members;
}

function parse(text) {
  let object;
  try {
    object = JSON.parse(text);
  } catch {
    throw malformed("it is not JSON");
  }
  if (typeof object !== "object" || object === null || Array.isArray(object)) {
    throw malformed("it is not an object");
  }
  // Names are ASCII, so that the order of their characters is the order of their bytes.
  return new Map(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1)));
}

function refuseOtherValue(value) {
  if (typeof value === "string") {
    // An escaped control character is printable as long as it is escaped.
    if (!PRINTABLE.test(value)) throw malformed("a text is not printable ASCII");
  } else if (typeof value !== "number") {
    throw malformed("a value is neither a text nor a whole number");
  } else if (!Number.isSafeInteger(value)) {
    throw malformed("a number is too large, or not whole");
  }
}

function write(members) {
  const spelled = [...members].map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  return `{${spelled.join(",")}}`;
}

function malformed(problem) {
  return new Malformed("not-canonical", problem);
}
