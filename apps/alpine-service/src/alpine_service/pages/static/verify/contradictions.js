// What the members of one entry must not say together.

import { fromHex, utf8 } from "./bytes.js";
import { opens } from "./commitment.js";
import { Malformed } from "./refusal.js";
import { CHECKPOINT, COSIGNATURE, readVerifierKey } from "./verifier_key.js";

const RESOLVED = ["start", "start_us", "end", "end_us", "return_bp"];

/** Refuse members that are right one by one and wrong together. */
export async function refuseContradictions(kind, members, starred) {
  await CHECKS[kind]?.(members, starred);
}

const CHECKS = {
  strategy(members) {
    if ((members.get("disclosure") === "open") !== (members.get("reveal_after_s") === 0)) {
      throw malformed("open goes with no delay, and delayed with one");
    }
  },

  signal(members, starred) {
    const exits = ["stop", "target"].filter((name) => members.has(name));
    if (exits.length !== (members.get("direction") === "HOLD" ? 0 : 2)) {
      throw malformed("a BUY and a SELL have stop and target, a HOLD has neither");
    }
    for (const name of ["entry", ...exits]) {
      const price = members.get(name);
      if ((price.split(".")[1] ?? "").length !== members.get("price_scale")) {
        throw malformed(`${name} has not the digits that price_scale says`);
      }
      if (price.startsWith("-") || !/[1-9]/.test(price)) {
        throw malformed(`${name} is not above zero`);
      }
    }
    const shares = (starred.get("phi_*_bp") ?? []).map((name) => members.get(name));
    if (shares.reduce((sum, share) => sum + share, 0) !== members.get("confidence_bp")) {
      throw malformed("the contributions do not add up to the confidence");
    }
  },

  quiet(members) {
    if (members.get("from_us") > members.get("to_us")) throw malformed("it ends before it begins");
  },

  async reveal(members) {
    const [nonce, body] = [fromHex(members.get("nonce")), utf8(members.get("body"))];
    if (!(await opens(nonce, body, members.get("commitment")))) {
      throw malformed("nonce and body do not open the commitment");
    }
  },

  outcome(members) {
    const isVoid = members.get("result") === "void";
    if (members.has("problem") !== isVoid) {
      throw malformed("a void outcome has a problem, and no other has one");
    }
    if (RESOLVED.filter((name) => members.has(name)).length !== (isVoid ? 0 : RESOLVED.length)) {
      throw malformed("a void outcome has no prices and return, and every other has them all");
    }
  },

  async key(members) {
    const { algorithm } = await readVerifierKey(members.get("key"));
    if (algorithm !== (members.get("use") === "witness" ? COSIGNATURE : CHECKPOINT)) {
      throw malformed("the key is for another use");
    }
  },
};

function malformed(problem) {
  return new Malformed("contradiction", problem);
}
