// Why a proof is not believed. `reason` is a word for machines, the message a sentence for people.

class Refusal extends Error {
  constructor(reason, problem) {
    super(problem);
    this.reason = reason;
  }
}

/** Bytes are not spelled as the protocol says; nothing of them is repaired, guessed or skipped. */
export class Malformed extends Refusal {}

/** Bytes are well-formed and do not prove what they should. */
export class Refuted extends Refusal {}

/** Nothing was found out: the browser, the network or the server kept us from looking. */
export class Unable extends Refusal {}
