/** One of two endpoints dies under load and comes back: `npm run bench:limits -- --only failover`, about two minutes. */

import { setTimeout as sleep } from "node:timers/promises";
import { timing } from "../src/core/timing.ts";
import { startTestRedis } from "../test/world/redis.ts";
import type { MortalModelCalls } from "./failover/model-process.ts";
import type { FailoverPeopleCalls, Tally } from "./failover/people-process.ts";
import { toTable } from "./figures.ts";
import { startChild } from "./rpc.ts";
import { startServices } from "./services.ts";

const seconds = 75;
const perSecond = 5;
/** From the first question on. It is tried about 5, 15 and 35 s after its breaker has opened: the last time it lives. */
const diesAfterMs = 10_000;
const revivesAfterMs = 35_000;
/** For those who asked last. */
const patienceMs = 120_000;

/** Runs two workers against both endpoints. @returns a table */
export async function measureFailover(): Promise<string> {
  await using stack = new AsyncDisposableStack();
  const { url: redisUrl } = stack.use(await startTestRedis());
  const models = [0, 1].map(() => stack.use(startChild<MortalModelCalls>("./failover/model-process.ts")));
  const people = stack.use(startChild<FailoverPeopleCalls>("./failover/people-process.ts"));
  const [first, second] = models;
  if (!first || !second) throw new Error("Two endpoints are started.");
  const endpoints = await Promise.all(models.map(async (model) => ({ baseUrl: await model.call("url") })));
  const variables = {
    ...(await people.call("variables")),
    ENDPOINTS: JSON.stringify(endpoints),
    OPENAI_MODEL: "bench-model",
  };
  await startServices(stack, variables, redisUrl);
  await people.call("connected");
  const asking = people.call("ask", { seconds, perSecond });
  await sleep(diesAfterMs);
  await first.call("die");
  const diedAtMs = Date.now();
  await sleep(revivesAfterMs - diesAfterMs);
  const whileDead = await first.call("callsWhileDead");
  await first.call("revive");
  await asking;
  const tally = await settled(() => people.call("tally"));
  const back = await first.call("received");
  return toTable(
    rows(
      tally,
      whileDead.map((atMs) => atMs - diedAtMs),
      back,
    ),
  );
}

/** Resolves when every question has come to something, or nothing more is to be expected. */
async function settled(look: () => Promise<Tally>): Promise<Tally> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const tally = await look();
    if (tally.lost === 0 || performance.now() > deadline) return tally;
    await sleep(500);
  }
}

function rows(tally: Tally, calledMs: readonly number[], back: number): readonly (readonly string[])[] {
  // What was under way when the breaker opened counts to what opened it.
  const opened = calledMs.filter((atMs) => atMs < timing.brokenOffMs / 2);
  const probes = calledMs.slice(opened.length);
  const gaps = probes.map((atMs, index) => atMs - (probes[index - 1] ?? opened.at(-1) ?? 0));
  const inSeconds = (ms: readonly number[]) => ms.map((one) => (one / 1_000).toFixed(1)).join(" · ");
  return [
    ["one of two endpoints dies and comes back", ""],
    ["questions", String(tally.asked)],
    ["answered whole", String(tally.whole)],
    ["cut after the first token, and marked", String(tally.marked)],
    ["told that there is no answer", String(tally.told)],
    ["lost", String(tally.lost)],
    ["doubled", String(tally.doubled)],
    [
      "calls to the dead one until its breaker opened",
      `${opened.length}, the last after ${inSeconds([opened.at(-1) ?? 0])} s`,
    ],
    ["calls after that", `${probes.length}, each after ${inSeconds(gaps)} s`],
    ["answers of the first one once it was back", String(back)],
  ];
}
