// One entry of the log, checked by all rules that need no other entry.

import { readCanonical } from "./canonical.js";
import { refuseContradictions } from "./contradictions.js";
import { Malformed } from "./refusal.js";
import { requireShape } from "./shape.js";

/** The `kind` and the `members` of an entry; Malformed if the bytes are none of a known kind. */
export async function readEntry(data) {
  const members = readCanonical(data);
  const kind = members.get("kind");
  if (typeof kind !== "string") throw new Malformed("unknown-kind", "it has no kind");
  await refuseContradictions(kind, members, requireShape(kind, members));
  return { kind, members, log: members.get("log"), data };
}
