/** The waits and intervals of Parley, shrunk for tests: the true ones divided by about eight, their order kept. */

import { type Timing, timing } from "../../src/core/timing.ts";

/**
 * What cannot shrink stays: a blocking read of BullMQ's lasts up to 1 s, so a silent socket must be allowed more than
 * that. Locks, signs of life and calls leave room for cores that are busy
 * with something else.
 */
export const fastTiming: Timing = {
  ...timing,
  lockMs: 1_500,
  stalledCheckMs: 100,
  aliveEveryMs: 200,
  aliveForMs: 1_000,
  yieldMs: 100,
  reconnectGraceMs: 600,
  sweepEveryMs: 250,
  sweepAfterMs: 2_000,
  forgetAfterMs: 500,
  redisCommandMs: 500,
  acceptMs: 750,
  redisSocketMs: 2_500,
  redisReconnectMs: 50,
  redisGoneMs: 20_000,
  textPartMs: 400,
  albumPartMs: 600,
  partLookMs: 50,
  leaseMs: 1_000,
  permitMs: 500,
  firstWordsMs: 40,
  draftRefreshMs: 2_500,
  streamAgeMs: 28_750,
  callMs: 5_000,
  // Whoever is made an admin, or no longer, is so at once.
  placeRoleMs: 0,
  inlineWaitMs: 200,
  settleMs: 1_500,
  findPostMs: 150,
  brokenMs: 1_000,
  brokenMaxMs: 2_000,
  regrowMs: 1_500,
  streamIdleMs: 10_000,
  chatRetryMs: 2_000,
  brokenOffMs: 600,
  brokenOffMaxMs: 2_500,
  // Long enough for any alert: a machine under load is slow to carry a command out.
  pressMs: 5_000,
  pollMs: 5_000,
  pollDeafMs: 10_000,
  backoffMs: 25,
  backoffMaxMs: 200,
};
