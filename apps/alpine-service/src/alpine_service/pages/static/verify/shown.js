// What a page shows of a signal, against what the signal says.

import { Refuted } from "./refusal.js";

/**
 * Require that every shown `[member, text]` is what the signal says, character by character.
 * A member that the signal does not have must not be shown.
 */
export function requireShown(signal, shown) {
  for (const [member, text] of shown) {
    const value = signal.members.get(member);
    if (value === undefined) {
      throw new Refuted("shown-otherwise", `this page shows ${member}, and the signal has none`);
    }
    if (String(value) !== text) {
      throw new Refuted(
        "shown-otherwise",
        `this page shows ${member} ${text}, and the signal says ${value}`,
      );
    }
  }
}
