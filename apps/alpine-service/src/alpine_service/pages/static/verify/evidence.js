// What is to be checked, asked of the server. It is not believed; it only has to answer.

import { Unable } from "./refusal.js";

const TIMEOUT_MS = 10_000;

/** The bytes at an address; Unable if they cannot be had, which says nothing about the signal. */
export async function fetchBytes(url) {
  let response;
  try {
    response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw error.name === "TimeoutError"
      ? new Unable("timeout", "the server did not answer in time")
      : new Unable("offline", "the server cannot be reached; this browser may be offline");
  }
  throw unanswered(response.status);
}

function unanswered(status) {
  if (status === 404) {
    const why = "no published checkpoint covers this entry yet; try again soon";
    return new Unable("not-covered", why);
  }
  if (status === 429) return new Unable("too-many", "too much was asked; try again in a minute");
  return new Unable("no-answer", `the server answered with an error, ${status}`);
}
