/** A flood of bad requests at Slack's HTTP address, as fast as the machine gives it, while people go on asking. */

import { spread, toTable } from "./figures.ts";
import type { FloodCalls } from "./flood-process.ts";
import { startChild } from "./rpc.ts";
import type { World } from "./world.ts";

/** People ask so gently that only the flood is busy. */
const order = { perSecond: 10, questions: 200, people: 200, paces: ["burst"] } as const;

/** What good requests meet. */
interface Served {
  /** From the delivery of an event to its acknowledgement, which follows the write to Redis; in ms. */
  readonly acknowledged: readonly number[];
  /** From the message to the answer's first words, in ms. */
  readonly answered: readonly number[];
  /** Of the service, in bytes. */
  readonly rss: number;
  readonly logLines: number;
}

/** The same with and without the flood. */
export interface Flood {
  readonly calm: Served;
  readonly flooded: Served;
  /** Bad requests, and how they were answered. */
  readonly bad: Awaited<ReturnType<FloodCalls["end"]>>;
}

/** @param world one in which Slack delivers by HTTP */
export async function measureFlood(world: World): Promise<Flood> {
  await using flood = startChild<FloodCalls>("./flood-process.ts");
  const calm = await serve(world);
  await flood.call("begin", { url: world.url });
  const flooded = await serve(world);
  const bad = await flood.call("end");
  return { calm, flooded, bad };
}

async function serve({ people, service }: World): Promise<Served> {
  await people.call("acknowledgements");
  await service.call("logLines");
  const answered = Object.values(await people.call("askAtRate", order));
  const acknowledged = await people.call("acknowledgements");
  const { rss } = await service.call("memory");
  return { acknowledged, answered, rss, logLines: await service.call("logLines") };
}

/** Markdown. */
export function toFloodReport({ calm, flooded, bad }: Flood): string {
  const row = (name: string, cell: (served: Served) => string) => [name, cell(calm), cell(flooded)];
  const statuses = Object.entries(bad.statuses).map(([status, count]) => `${count} × ${status}`);
  return toTable([
    ["Slack by HTTP", "calm", "in a flood of bad requests"],
    ["bad requests per second", "0", `${bad.perSecond.toFixed(0)} (${statuses.join(", ")})`],
    row("acknowledged, which follows the write", ({ acknowledged }) => spread(acknowledged)),
    row("first words visible", ({ answered }) => spread(answered)),
    row("RSS afterwards", ({ rss }) => `${(rss / 1e6).toFixed(0)} MB`),
    row("lines logged", ({ logLines }) => String(logLines)),
  ]);
}
