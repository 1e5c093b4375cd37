/** The measurements, each on a running world. */

import { setTimeout as sleep } from "node:timers/promises";
import { cpuSeconds } from "./figures.ts";
import { isBullmqs, type RoundTrips } from "./redis-meter.ts";
import type { World } from "./world.ts";

/** So many people talk at once, in so many conversations, when as much as possible is asked. */
const crowd = { people: 100, conversations: 400 };

/** Fills caches (names, connections, scripts) and lets hot code be compiled. */
export async function warmUp({ people, service }: World, forMs: number): Promise<void> {
  await people.call("askWithoutPause", { ...crowd, forMs });
  // What is visible is whole; the turns behind it end a little later.
  await sleep(1_000);
  await service.call("roundTrips");
}

/** Code is loaded and connections are there, but the heap is not yet stretched by garbage: an honest idle state. */
export async function warmUpGently({ people }: World): Promise<void> {
  await people.call("askAtRate", { perSecond: 20, questions: 40, people: 40, paces: ["instant"] });
  await sleep(1_000);
}

/** What Parley adds before the first visible words, in ms per message. */
export interface Overhead {
  /** The model's first token alone is worth a post. */
  readonly withoutWait: readonly number[];
  /** The model speaks a word at a time (50 a second): 30 characters or 400 ms are awaited. */
  readonly withWait: readonly number[];
  readonly roundTrips: RoundTrips;
  /** Edits that the platform has seen. */
  readonly edits: number;
  /** Turns, and CPU seconds of the service for them. */
  readonly turns: number;
  readonly cpuS: number;
}

/** Message handed to the platform → first words visible there, less the model's own time to its first token. */
export async function measureOverhead(world: World, order: RateOrder): Promise<Overhead> {
  const { people, model, service } = world;
  const turns = order.perSecond * order.seconds;
  await people.call("edits");
  const cpuBefore = cpuSeconds(await service.call("cpuUsage"));
  const seen = await people.call("askAtRate", {
    perSecond: order.perSecond,
    questions: turns,
    people: 200,
    paces: ["burst", "words"],
  });
  const cpuS = cpuSeconds(await service.call("cpuUsage")) - cpuBefore;
  const edits = await people.call("edits");
  const modelMs = await model.call("firstTokens");
  const of = (pace: string) =>
    Object.entries(seen).flatMap(([id, ms]) => (id.startsWith(pace) ? [ms - (modelMs[id] ?? 0)] : []));
  const roundTrips = await service.call("roundTrips");
  return { withoutWait: of("burst"), withWait: of("words"), roundTrips, edits, turns, cpuS };
}

/** How gently to ask. */
export interface RateOrder {
  readonly perSecond: number;
  readonly seconds: number;
}

/** What is possible at most. */
export interface Throughput {
  readonly turns: number;
  readonly perSecond: number;
  /** CPU seconds per 1,000 turns by process. */
  readonly cpuS: Readonly<Record<"service" | "redis" | "platform" | "model", number>>;
  readonly roundTrips: RoundTrips;
}

/** A crowd asks: each person the next question as soon as the last one is answered; answers come at once. */
export async function measureThroughput(world: World, forMs: number): Promise<Throughput> {
  const before = await cpuOfAll(world);
  const { answered, tookMs } = await world.people.call("askWithoutPause", { ...crowd, forMs });
  const after = await cpuOfAll(world);
  const spent = (name: keyof typeof before) => ((after[name] - before[name]) / answered) * 1_000;
  return {
    turns: answered,
    perSecond: (answered / tookMs) * 1_000,
    cpuS: {
      service: spent("service"),
      redis: spent("redis"),
      platform: spent("platform"),
      model: spent("model"),
    },
    roundTrips: await world.service.call("roundTrips"),
  };
}

async function cpuOfAll({ service, people, model, redis }: World) {
  const [ofService, ofPeople, ofModel, info] = await Promise.all([
    service.call("cpuUsage"),
    people.call("cpuUsage"),
    model.call("cpuUsage"),
    redis.info("cpu"),
  ]);
  const used = (field: string) => Number(new RegExp(`${field}:([\\d.]+)`).exec(info)?.[1] ?? 0);
  return {
    service: cpuSeconds(ofService),
    platform: cpuSeconds(ofPeople),
    model: cpuSeconds(ofModel),
    redis: used("used_cpu_user") + used("used_cpu_sys"),
  };
}

/** Bytes per stream. */
export interface Memory {
  readonly rss: number;
  /** Heap and buffers in use after garbage collection. */
  readonly used: number;
  readonly idleRss: number;
}

/** (memory with `streams` slow streams − memory when idle) ÷ `streams`. */
export async function measureMemory({ people, service }: World, streams: number): Promise<Memory> {
  // Two looks: the first collection of garbage leaves what the second one frees.
  await service.call("memory");
  const idle = await service.call("memory");
  await people.call("beginSlow", { streams });
  await sleep(6_000);
  await service.call("memory");
  const busy = await service.call("memory");
  return {
    rss: (busy.rss - idle.rss) / streams,
    used: (busy.heapUsed + busy.external - idle.heapUsed - idle.external) / streams,
    idleRss: idle.rss,
  };
}

/** Round trips per turn: ours and BullMQ's. */
export function perTurn(
  trips: RoundTrips,
  turns: number,
): { readonly ours: number; readonly bullmqs: number } {
  const sum = (chooses: (name: string) => boolean) =>
    Object.entries(trips).reduce((all, [name, count]) => all + (chooses(name) ? count : 0), 0) / turns;
  return { ours: sum((name) => !isBullmqs(name)), bullmqs: sum(isBullmqs) };
}
