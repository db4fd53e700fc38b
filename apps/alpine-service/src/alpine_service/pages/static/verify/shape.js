// Which members stand together in an entry of a kind.

import { COMMON, KINDS } from "./kinds.js";
import { Malformed } from "./refusal.js";

/**
 * Refuse members that are not exactly those of a kind, or not what they may be.
 * Returns the names that each starred member was found under.
 */
export function requireShape(kind, members) {
  const rules = KINDS.get(kind);
  if (!rules) throw new Malformed("unknown-kind", `there is no such kind of entry: ${kind}`);
  const needed = { ...COMMON, ...rules.needed };
  const missing = Object.keys(needed).find((name) => !members.has(name));
  if (missing) throw new Malformed("missing-member", `a ${kind} has a member ${missing}`);
  const plain = new Map(Object.entries({ ...needed, ...rules.optional }));
  const groups = (rules.groups ?? []).map((group) => ({ ...group, stars: new Map() }));
  const starred = new Map();
  for (const [name, value] of members) {
    const accepts = plain.get(name) ?? takeStarred(kind, name, groups, starred);
    if (!accepts(value)) {
      throw new Malformed("bad-member", `${kind}: ${name} is not what it may be`);
    }
  }
  groups.forEach(refuseIncomplete);
  return starred;
}

function takeStarred(kind, name, groups, starred) {
  for (const { star, members, stars } of groups) {
    for (const [member, accepts] of Object.entries(members)) {
      const found = new RegExp(`^${member.replace("*", `(${star})`)}$`).exec(name);
      if (!found) continue;
      stars.set(found[1], (stars.get(found[1]) ?? 0) + 1);
      starred.set(member, [...(starred.get(member) ?? []), name]);
      return accepts;
    }
  }
  throw new Malformed("unknown-member", `a ${kind} has no member ${name.slice(0, 64)}`);
}

function refuseIncomplete({ members, counted, stars }) {
  const size = Object.keys(members).length;
  for (const [star, count] of stars) {
    if (count !== size) {
      throw new Malformed("incomplete-group", `not every member of ${star} is there`);
    }
  }
  for (let number = 1; counted && number <= stars.size; number += 1) {
    if (!stars.has(String(number))) {
      throw new Malformed("incomplete-group", "numbered members begin at 1 and have no gap");
    }
  }
}
