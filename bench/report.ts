/** The bench's table: one row per figure, one column per platform. */

import { spread, toTable } from "./figures.ts";
import { type Memory, type Overhead, perTurn, type Throughput } from "./measure.ts";
import type { RoundTrips } from "./redis-meter.ts";

/** All that was measured on one platform. */
export interface Figures {
  readonly overhead?: Overhead;
  readonly throughput?: Throughput;
  readonly memory?: Memory;
}

type Row = readonly [name: string, cell: (figures: Figures) => string | undefined];

const rows: readonly Row[] = [
  [
    "overhead to the first words, without the wait for them",
    ({ overhead }) => overhead && spread(overhead.withoutWait),
  ],
  ["overhead to the first words, with it", ({ overhead }) => overhead && spread(overhead.withWait)],
  ["answered messages per second", ({ throughput }) => throughput?.perSecond.toFixed(0)],
  ["CPU seconds per 1,000 of them", ({ throughput }) => throughput?.cpuS.service.toFixed(2)],
  [
    "… of Redis, the simulated platform, the simulated model",
    ({ throughput }) => {
      if (throughput === undefined) return undefined;
      const { redis, platform, model } = throughput.cpuS;
      return [redis, platform, model].map((seconds) => seconds.toFixed(2)).join(", ");
    },
  ],
  ["CPU ms per streamed turn (1.3 s, two edits)", ({ overhead }) => overhead && streamedCpu(overhead)],
  ["RSS per stream", ({ memory }) => memory && `${kB(memory.rss)} (${kB(memory.used)} in use)`],
  ["RSS when idle", ({ memory }) => memory && `${(memory.idleRss / 1e6).toFixed(0)} MB`],
  [
    "Redis round trips per turn, busy, one post",
    ({ throughput }) => throughput && trips(throughput.roundTrips, throughput.turns),
  ],
  [
    "Redis round trips per turn, gentle, streamed",
    ({ overhead }) => overhead && trips(overhead.roundTrips, overhead.turns),
  ],
  ["edits per streamed turn, round trips per edit", ({ overhead }) => overhead && edits(overhead)],
];

/** Markdown. */
export function toReport(figures: ReadonlyMap<string, Figures>): string {
  const body = rows.map(([name, cell]) => [name, ...[...figures.values()].map((one) => cell(one) ?? "–")]);
  return toTable([["", ...figures.keys()], ...body]);
}

/** Every name that was counted, per turn. */
export function toTrips(counted: RoundTrips, turns: number): string {
  const lines = Object.entries(counted).map(([name, count]) => `${(count / turns).toFixed(2)}  ${name}`);
  return lines.join("\n");
}

function trips(counted: RoundTrips, turns: number): string {
  const { ours, bullmqs } = perTurn(counted, turns);
  return `${ours.toFixed(1)} ours + ${bullmqs.toFixed(1)} BullMQ's`;
}

function edits({ roundTrips, turns, edits: made }: Overhead): string {
  const permits = roundTrips["ask-permit:edit"] ?? 0;
  return `${(made / turns).toFixed(1)}, ${(permits / made).toFixed(2)}`;
}

function streamedCpu({ cpuS, turns }: Overhead): string {
  return ((cpuS / turns) * 1_000).toFixed(1);
}

function kB(bytes: number): string {
  return `${(bytes / 1_000).toFixed(0)} kB`;
}
