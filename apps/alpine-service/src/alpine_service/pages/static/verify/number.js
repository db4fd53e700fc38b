// Numbers in lines of text: ASCII digits without sign and leading zeros, at most 2^63 - 1.

import { Malformed } from "./refusal.js";

export const LARGEST_NUMBER = 2n ** 63n - 1n;

/** The number, as a BigInt: a Number would round what lies above 2^53. */
export function readNumber(text) {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text) || BigInt(text) > LARGEST_NUMBER) {
    throw new Malformed("bad-number", "it is not a number as the protocol writes them");
  }
  return BigInt(text);
}
