/** How old visible text is: of streams as they were seen, and of the best that the same permits could show. */

import { percentile } from "../figures.ts";
import { tokenMs } from "./token-ms.ts";
import type { SeenStream } from "./viewers.ts";

/** How old the newest visible token of a stream was, over all the time that it ran, in ms. */
export interface Staleness {
  readonly mean: number;
  readonly p95: number;
}

/** A scope whose permits all streams share. */
export interface Pacing {
  /** One permit per so many ms. */
  readonly intervalMs: number;
  /** Least time between two previews of one stream. */
  readonly floorMs: number;
  /** False: first words take no permit of this scope. */
  readonly takesPosts: boolean;
}

const stepMs = 50;

/** Of streams as people saw them. Before anything was visible, the age is that of the first token. */
export function stalenessOf(streams: readonly SeenStream[]): Staleness {
  return toStaleness(streams.flatMap(({ firstAtMs, lastAtMs, shown }) => agesOf(firstAtMs, lastAtMs, shown)));
}

/**
 * The best: no call takes time, and each permit goes to who needs it most: to a stream that has ended, else to one that
 * nothing is visible of, else to that which was shown the longest ago.
 */
export function bestStaleness(
  streams: readonly SeenStream[],
  { intervalMs, floorMs, takesPosts }: Pacing,
): Staleness {
  const states = streams.map(({ firstAtMs, lastAtMs }) => ({
    firstAtMs,
    lastAtMs,
    shown: takesPosts ? [] : [[firstAtMs, firstAtMs] as const],
    isWhole: false,
  }));
  const from = Math.min(...streams.map(({ firstAtMs }) => firstAtMs));
  for (let now = from; states.some(({ isWhole }) => !isWhole); ) {
    const shownAt = ({ shown }: (typeof states)[number]) => shown.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY;
    const [next] = states
      .filter(({ isWhole, firstAtMs }) => !isWhole && firstAtMs <= now)
      .filter((state) => state.lastAtMs <= now || now - shownAt(state) >= floorMs)
      .toSorted((a, b) => Number(b.lastAtMs <= now) - Number(a.lastAtMs <= now) || shownAt(a) - shownAt(b));
    // A permit that nobody can use yet is used as soon as somebody can.
    if (next === undefined) {
      now += stepMs;
      continue;
    }
    next.isWhole = next.lastAtMs <= now;
    next.shown.push([now, now - ((now - next.firstAtMs) % tokenMs)]);
    now += intervalMs;
  }
  return toStaleness(states.flatMap(({ firstAtMs, lastAtMs, shown }) => agesOf(firstAtMs, lastAtMs, shown)));
}

/** From the last token to the whole answer, in ms. */
export function finalMs(streams: readonly SeenStream[]): readonly number[] {
  return streams.map(({ lastAtMs, shown }) => (shown.at(-1)?.[0] ?? Number.NaN) - lastAtMs);
}

function agesOf(firstAtMs: number, lastAtMs: number, shown: SeenStream["shown"]): readonly number[] {
  const ages: number[] = [];
  let at = 0;
  for (let now = firstAtMs; now < lastAtMs; now += stepMs) {
    while (at < shown.length && (shown[at]?.[0] ?? 0) <= now) at += 1;
    ages.push(now - (shown[at - 1]?.[1] ?? firstAtMs));
  }
  return ages;
}

function toStaleness(ages: readonly number[]): Staleness {
  const mean = ages.reduce((sum, age) => sum + age, 0) / ages.length;
  return { mean, p95: percentile(ages, 0.95) };
}
