/**
 * What Parley costs, on this machine, with everything on it: `npm run bench`, under four minutes.
 *
 * `npm run bench -- slack` measures one platform only, `--only overhead|throughput|memory|flood` one part. `--profile` leaves
 * CPU profiles of the service (for Chrome's DevTools) in `parley-profiles` of the system's temporary folder, `--trips`
 * prints the round trips to Redis by name.
 */

import { cpus, loadavg, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Flood, measureFlood, toFloodReport } from "./flood.ts";
import { measureMemory, measureOverhead, measureThroughput, warmUp, warmUpGently } from "./measure.ts";
import { type Figures, toReport, toTrips } from "./report.ts";
import { type PlatformName, platforms, startWorld, type World } from "./world.ts";

const streams = 1_000;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: "boolean", default: false },
    trips: { type: "boolean", default: false },
    only: { type: "string" },
  },
});
const profiles = join(tmpdir(), "parley-profiles");
const chosen = platforms.filter((name) => positionals.length === 0 || positionals.includes(name));
const profiling = flags.profile ? ["--cpu-prof", `--cpu-prof-dir=${profiles}`] : [];

const figures = new Map<PlatformName, Figures>();
let redisVersion = "";
for (const platform of chosen) figures.set(platform, await measure(platform));
const flood =
  chosen.includes("slack") && (flags.only ?? "flood") === "flood" ? await measureInFlood() : undefined;
print();

async function measureInFlood(): Promise<Flood> {
  say("slack", "a flood of bad requests");
  await using world = await startWorld("slack", profiling, true);
  redisVersion = await versionOf(world);
  await warmUp(world, 5_000);
  return await measureFlood(world);
}

async function measure(platform: PlatformName): Promise<Figures> {
  const wants = (part: keyof Figures) => flags.only === undefined || flags.only === part;
  const measured: { -readonly [Part in keyof Figures]: Figures[Part] } = {};
  if (wants("overhead") || wants("throughput")) {
    await using world = await startWorld(platform, profiling);
    redisVersion = await versionOf(world);
    await warmUp(world, 5_000);
    if (wants("overhead")) {
      say(platform, "overhead at a gentle rate");
      measured.overhead = await measureOverhead(world, { perSecond: 10, seconds: 40 });
    }
    if (wants("throughput")) {
      say(platform, "throughput");
      measured.throughput = await measureThroughput(world, 12_000);
    }
  }
  if (wants("memory")) {
    say(platform, `memory of ${streams} streams`);
    await using world = await startWorld(platform);
    redisVersion = await versionOf(world);
    await warmUpGently(world);
    measured.memory = await measureMemory(world, streams);
  }
  return measured;
}

function say(platform: PlatformName, what: string): void {
  process.stderr.write(`${platform}: ${what} …\n`);
}

async function versionOf({ redis }: World): Promise<string> {
  return /redis_version:(\S+)/.exec(await redis.info("server"))?.[1] ?? "?";
}

function print(): void {
  const [load = 0] = loadavg();
  console.log(
    `\n${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, ` +
      `Node ${process.version}, Redis ${redisVersion} (appendfsync always), load ${load.toFixed(1)}\n`,
  );
  if (flags.only !== "flood") console.log(toReport(figures));
  if (flood) console.log(`\n${toFloodReport(flood)}`);
  if (!flags.trips) return;
  for (const [platform, { overhead, throughput }] of figures) {
    if (throughput)
      console.log(`\n${platform}, busy, per turn:\n${toTrips(throughput.roundTrips, throughput.turns)}`);
    if (overhead)
      console.log(`\n${platform}, streamed, per turn:\n${toTrips(overhead.roundTrips, overhead.turns)}`);
  }
}
