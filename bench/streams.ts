/**
 * How fresh streamed text is when more streams run than a platform's limits can show at once: `node bench/streams.ts`.
 * The platforms enforce true token buckets of 6 s of each limit. `-- slack` measures only what is named so.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createLimits as slackLimits } from "../src/adapters/slack/limits.ts";
import { createLimits as telegramLimits } from "../src/adapters/telegram/limits.ts";
import { type Config, readConfig } from "../src/config.ts";
import { percentile, toTable } from "./figures.ts";
import { bestStaleness, finalMs, type Pacing, stalenessOf } from "./streams/staleness.ts";
import type { SeenStream } from "./streams/viewers.ts";
import { type StreamWorld, startStreamWorld } from "./streams/world.ts";

/** Streams that run at once. */
interface Scene {
  readonly name: string;
  readonly platform: "telegram" | "slack";
  /** The first of the platform's conversations, and how many. */
  readonly from: number;
  readonly streams: number;
  /** They are asked for one after the other in this time, and speak for so long each, in ms. */
  readonly startMs: number;
  readonly speakMs: number;
  readonly pacing: Pacing;
}

interface Measured {
  readonly scene: Scene;
  readonly seen: readonly SeenStream[];
  readonly refusals: number;
}

const { telegram, slack } = defaults();

/** What one run holds; those of one list run one after the other, the lists beside each other. */
const plan: readonly (readonly Scene[])[] = [
  [
    scene(
      "1 in a private chat",
      "telegram",
      { from: 0, streams: 1, startMs: 0, speakMs: 40_000 },
      telegram.chat,
    ),
    scene(
      "50 in private chats",
      "telegram",
      { from: 1, streams: 50, startMs: 2_000, speakMs: 60_000 },
      telegram.global,
    ),
    scene(
      "10 in one group",
      "telegram",
      { from: 500, streams: 10, startMs: 60_000, speakMs: 150_000 },
      telegram.group,
    ),
  ],
  [
    scene(
      "50 in one workspace",
      "slack",
      { from: 0, streams: 50, startMs: 140_000, speakMs: 160_000 },
      slack.update,
    ),
  ],
];
const crowd = scene(
  "500 in private chats",
  "telegram",
  { from: 0, streams: 500, startMs: 30_000, speakMs: 90_000 },
  telegram.global,
);

/** Runs every scene whose name or platform holds one of `wanted`; all when there is none. */
export async function measureStreams(wanted: readonly string[] = []): Promise<string> {
  const isWanted = ({ name, platform }: Scene) =>
    wanted.length === 0 || wanted.some((word) => `${platform} ${name}`.includes(word));
  const beside = await Promise.all(plan.map((scenes) => runAll(scenes.filter(isWanted))));
  const alone = await runAll([crowd].filter(isWanted));
  return toReport([...beside.flat(), ...alone]);
}

async function runAll(scenes: readonly Scene[]): Promise<readonly Measured[]> {
  const measured: Measured[] = [];
  for (const one of scenes) {
    process.stderr.write(`${one.platform}: ${one.name} …\n`);
    await using world = await startStreamWorld(one.platform);
    const seen = await watchAll(world, one);
    measured.push({ scene: one, seen, refusals: await world.people.call("refusals") });
  }
  return measured;
}

async function watchAll({ people }: StreamWorld, { from, streams, startMs, speakMs }: Scene) {
  const watching: Promise<SeenStream>[] = [];
  const startedAt = performance.now();
  for (let index = 0; index < streams; index += 1) {
    await sleep(Math.max(0, startedAt + (index * startMs) / streams - performance.now()));
    watching.push(people.call("watch", { conversation: from + index, id: `s${index}`, forMs: speakMs }));
  }
  return await Promise.all(watching);
}

function toReport(all: readonly Measured[]): string {
  const seconds = (ms: number) => (ms / 1_000).toFixed(2);
  const rows = all.map(({ scene: { name, platform, pacing }, seen, refusals }) => {
    const had = stalenessOf(seen);
    const best = bestStaleness(seen, pacing);
    const finals = finalMs(seen);
    const previews = seen.reduce((sum, { shown }) => sum + shown.length, 0) / seen.length;
    return [
      `${platform}: ${name}`,
      String(refusals),
      `${seconds(had.mean)} (${seconds(best.mean)}) = ${(had.mean / best.mean).toFixed(2)}`,
      `${seconds(had.p95)} (${seconds(best.p95)}) = ${(had.p95 / best.p95).toFixed(2)}`,
      previews.toFixed(1),
      `${seconds(percentile(finals, 0.5))} · ${seconds(percentile(finals, 0.95))} · ${seconds(Math.max(...finals))}`,
    ];
  });
  const head = [
    "streams",
    "429s",
    "staleness mean (best) s",
    "p95 (best) s",
    "states shown",
    "last token → whole p50 · p95 · max s",
  ];
  return toTable([head, ...rows]);
}

function scene(
  name: string,
  platform: Scene["platform"],
  what: Pick<Scene, "from" | "streams" | "startMs" | "speakMs">,
  rate: { readonly intervalMs: number },
): Scene {
  const address = { platform, scope: "1", chat: "1" };
  const place = name.includes("group") ? "group" : "private";
  const target = { address, place, question: "1" } as const;
  const limits = platform === "telegram" ? telegramLimits(telegram) : slackLimits(slack);
  const floorMs = limits.previewIntervalMs(target, "edit");
  const pacing = { intervalMs: rate.intervalMs, floorMs, takesPosts: platform === "telegram" };
  return { name, platform, ...what, pacing };
}

/** The rates that a service has unless it is told otherwise. */
function defaults() {
  const read = readConfig(
    {
      TELEGRAM_BOT_TOKEN: "1234567890:abcdefghijklmnopqrstuvwxyzABCDEFGHI",
      SLACK_BOT_TOKEN: "xoxb-no-real-token",
      SLACK_APP_TOKEN: "xapp-no-real-token",
      OPENAI_BASE_URL: "http://127.0.0.1:1/v1",
      OPENAI_MODEL: "bench-model",
    },
    "",
  );
  if (!("config" in read)) throw new Error(JSON.stringify(read.problems));
  const { telegram: ofTelegram, slack: ofSlack }: Config = read.config;
  if (ofTelegram === undefined || ofSlack === undefined) throw new Error("Both platforms were configured.");
  return { telegram: ofTelegram.rates, slack: ofSlack.rates };
}

if (import.meta.main) {
  const { positionals } = parseArgs({ allowPositionals: true });
  process.stdout.write(`${await measureStreams(positionals)}\n`);
}
