/** How old visible text is: of streams as they were seen, and of the best that the same permits could show. */

import { percentile } from "../figures.ts";
import { tokenMs } from "./token-ms.ts";
import type { SeenStream } from "./viewers.ts";

/** How old the newest visible token of a stream was, over all the time that it ran, in ms. */
export interface Staleness {
  readonly mean: number;
  readonly p95: number;
}

/** A scope whose permits all streams share, and the least time between two previews of one. */
export interface Pacing {
  readonly intervalMs: number;
  readonly floorMs: number;
}

const stepMs = 50;

/** Of streams as people saw them. Before anything was visible, the age is that of the first token. */
export function stalenessOf(streams: readonly SeenStream[]): Staleness {
  const ages: number[] = [];
  for (const { firstAtMs, lastAtMs, shown } of streams) {
    let at = 0;
    for (let now = firstAtMs; now < lastAtMs; now += stepMs) {
      while (at < shown.length && (shown[at]?.[0] ?? 0) <= now) at += 1;
      ages.push(now - (shown[at - 1]?.[1] ?? firstAtMs));
    }
  }
  return toStaleness(ages);
}

/**
 * The best: each stream is shown at its first token, and from then on as often as the scope's permits spread evenly over
 * the streams that run; no call takes time, and finals take no permits.
 */
export function bestStaleness(streams: readonly SeenStream[], { intervalMs, floorMs }: Pacing): Staleness {
  const ages: number[] = [];
  const states = streams.map(({ firstAtMs, lastAtMs }) => ({
    firstAtMs,
    lastAtMs,
    shownTo: firstAtMs,
    phase: 0,
  }));
  const from = Math.min(...streams.map(({ firstAtMs }) => firstAtMs));
  const to = Math.max(...streams.map(({ lastAtMs }) => lastAtMs));
  for (let now = from; now < to; now += stepMs) {
    const live = states.filter(({ firstAtMs, lastAtMs }) => firstAtMs <= now && now < lastAtMs);
    const everyMs = Math.max(floorMs, live.length * intervalMs);
    for (const state of live) {
      state.phase += stepMs / everyMs;
      if (state.phase >= 1) {
        state.phase -= 1;
        state.shownTo = now - ((now - state.firstAtMs) % tokenMs);
      }
      ages.push(now - state.shownTo);
    }
  }
  return toStaleness(ages);
}

/** From the last token to the whole answer, in ms. */
export function finalMs(streams: readonly SeenStream[]): readonly number[] {
  return streams.map(({ lastAtMs, shown }) => (shown.at(-1)?.[0] ?? Number.NaN) - lastAtMs);
}

function toStaleness(ages: readonly number[]): Staleness {
  const mean = ages.reduce((sum, age) => sum + age, 0) / ages.length;
  return { mean, p95: percentile(ages, 0.95) };
}
