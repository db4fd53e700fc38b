// The kinds of entries and their members, as the protocol's table has them, and nothing else.

import { COUNT, DECIMAL, DIGEST, FLAG, TEXT, TIME, WORD, integer, pattern } from "./values.js";

const SOURCE = "[a-z][a-z0-9_]*";
const SYMBOL = pattern("[A-Z][A-Z0-9./]{0,15}");
const HORIZON = integer(1, 1_000_000_000);
const SHARE = integer(0, 10_000);
const SIGNED_SHARE = integer(-10_000, 10_000);

/** The members that every entry has. */
export const COMMON = {
  v: integer(1, 1),
  kind: pattern("[a-z]+"),
  log: pattern("[!-*,-~]{1,255}"),
  strategy: pattern("[a-z0-9][a-z0-9._-]{0,127}"),
  seq: COUNT,
  decided_us: TIME,
};

/**
 * The others of each kind: `needed`, `optional`, and `groups` of members that come together for
 * each name in the star's place; names that are `counted` go from 1 on without a gap.
 */
export const KINDS = new Map(
  Object.entries({
    strategy: {
      needed: {
        disclosure: pattern("open|delayed"),
        reveal_after_s: integer(0, 1_000_000_000),
        outcome_rule: WORD,
        profile: WORD,
        universe: pattern("[A-Z0-9./ ]+"),
        config_sha256: DIGEST,
        code_sha256: DIGEST,
        models_sha256: DIGEST,
        beat_s: DECIMAL,
        horizon_s: HORIZON,
        theta_bp: integer(1, 10_000),
        publish_step_bp: COUNT,
        tau: DECIMAL,
        lam: DECIMAL,
        quorum: DECIMAL,
        publish_move: DECIMAL,
        max_quote_age_s: DECIMAL,
        price_deadline_s: DECIMAL,
      },
      groups: [
        {
          star: SOURCE,
          members: {
            "weight_*": DECIMAL,
            "half_life_*_s": DECIMAL,
            "refresh_after_*_s": DECIMAL,
            "min_interval_*_s": DECIMAL,
            "timeout_*_s": DECIMAL,
            "max_symbols_*": COUNT,
            "market_data_*": FLAG,
            "paid_ai_*": FLAG,
            "model_*": WORD,
          },
        },
      ],
    },
    signal: {
      needed: {
        id: WORD,
        symbol: SYMBOL,
        direction: pattern("BUY|SELL|HOLD"),
        reason: pattern("[a-z_]+"),
        confidence_bp: SIGNED_SHARE,
        coverage_bp: SHARE,
        agreement_bp: SHARE,
        price_scale: integer(0, 18),
        entry: DECIMAL,
        horizon_s: HORIZON,
        regime: pattern("[a-z_]+"),
        profile: WORD,
        reasoning: TEXT,
        reasoning_source: WORD,
        inputs_sha256: DIGEST,
        feed: WORD,
      },
      optional: { stop: DECIMAL, target: DECIMAL },
      groups: [
        {
          star: SOURCE,
          members: {
            "phi_*_bp": SIGNED_SHARE,
            "strength_*_e4": SIGNED_SHARE,
            "age_*_us": COUNT,
            "raw_*_sha256": DIGEST,
          },
        },
        {
          star: "[1-9]|1[0-2]",
          counted: true,
          members: {
            "e*_source": pattern(SOURCE),
            "e*_kind": TEXT,
            "e*_value": TEXT,
            "e*_unit": TEXT,
            "e*_as_of_us": TIME,
          },
        },
      ],
    },
    commit: { needed: { commitment: DIGEST, reveal_after_us: TIME } },
    reveal: { needed: { commitment: DIGEST, commit_index: COUNT, nonce: DIGEST, body: TEXT } },
    quiet: {
      needed: { from_us: TIME, to_us: TIME, cycles: COUNT, holds: COUNT, skips: COUNT },
      groups: [{ star: "[a-z_]+", members: { "count_*": COUNT } }],
    },
    outcome: {
      needed: {
        signal_index: COUNT,
        signal_id: WORD,
        symbol: SYMBOL,
        rule: WORD,
        result: pattern("target|stop|expired|void"),
        prices: COUNT,
        gap_us: COUNT,
      },
      optional: {
        official_us: TIME,
        start: DECIMAL,
        end: DECIMAL,
        start_us: TIME,
        end_us: TIME,
        return_bp: integer(-100_000_000, 100_000_000),
        problem: WORD,
      },
    },
    trade: {
      needed: {
        order_id: WORD,
        symbol: SYMBOL,
        side: pattern("BUY|SELL"),
        event: pattern("submitted|filled|cancelled|rejected|expired"),
        quantity: DECIMAL,
        broker: WORD,
        at_us: TIME,
      },
      optional: { price: DECIMAL, fee: DECIMAL, signal_index: COUNT, execution_id: WORD },
    },
    correct: { needed: { index: COUNT, note: WORD } },
    retire: { needed: { note: WORD } },
    key: {
      needed: { key: WORD, use: pattern("checkpoint|witness"), from_us: TIME, note: WORD },
    },
  }),
);
