/**
 * How much of the chat API's limits is used, how fairly, and how long people wait: `npm run bench:limits`, about twenty
 * minutes. Parley in two worker processes and, beside it, two processes that rely on the openai package's own retries.
 *
 * 40 people ask three times what the limit allows; four of them flood. The simulated server enforces token buckets that
 * hold 6 s of the limit. `--seconds 60` shortens each of the four runs, `--only requests|tokens|failover|platforms` and `--no-sdk`
 * leave some out, `--rpm 600` changes the limit. Then one of two
 * endpoints dies under load; and, as `bench/streams.ts` alone: how fresh streamed text is within the
 * limits of Telegram and Slack.
 */

import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { SimulatedLimits } from "../simulator/model/limits.ts";
import { startTestRedis } from "../test/world/redis.ts";
import { measureFailover } from "./failover.ts";
import { percentile, toTable } from "./figures.ts";
import type { AdmittedRequest, LimitedModelCalls } from "./limited-model.ts";
import type { LimitedPeopleCalls } from "./limited-people.ts";
import { type Demand, systemPrompt } from "./limited-question.ts";
import { startChild } from "./rpc.ts";
import type { SdkCalls } from "./sdk-process.ts";
import { startServices } from "./services.ts";
import { measureStreams } from "./streams.ts";

const { values: flags } = parseArgs({
  allowNegative: true,
  options: {
    seconds: { type: "string", default: "180" },
    rpm: { type: "string", default: "300" },
    only: { type: "string" },
    sdk: { type: "boolean", default: true },
  },
});
const seconds = Number(flags.seconds);
const requestsPerMinute = Number(flags.rpm);
/** What a question and its answer have on average, in the simulator's tokens. */
const tokensPerCall = 124;
const burstMs = 6_000;
/** Not counted: until limits are known and people have begun to wait. */
const startMs = 10_000;

const users = 40;
const flooders = 4;

/** Three times what is allowed: most people a half more than their share, flooders all the rest. */
const demand: Demand = {
  seconds,
  perSecond: Array.from({ length: users }, (_, user) => {
    const allowed = requestsPerMinute / 60;
    const usual = (1.5 * allowed) / users;
    return user < flooders ? (3 * allowed - usual * (users - flooders)) / flooders : usual;
  }),
};

/** What one run came to. */
interface Result {
  readonly beganAtMs: number;
  readonly admitted: readonly AdmittedRequest[];
  readonly refused: number;
  readonly lateMs: readonly number[];
  readonly notes: string;
}

const kinds = {
  requests: { requestsPerMinute, burstMs },
  tokens: { tokensPerMinute: requestsPerMinute * tokensPerCall, burstMs },
} as const satisfies Record<string, SimulatedLimits>;

const costOf = { requests: () => 1, tokens: ({ tokens }: AdmittedRequest) => tokens };

const wants = (what: string) => flags.only === undefined || flags.only === what;
for (const kind of Object.keys(kinds) as (keyof typeof kinds)[]) {
  if (!wants(kind)) continue;
  const parley = await measureParley(kinds[kind]);
  const sdk = flags.sdk ? await measureSdk(kinds[kind]) : undefined;
  print(kind, parley, sdk);
}
if (wants("failover")) console.log(`\nfailover\n\n${await measureFailover()}`);
if (wants("platforms")) console.log(`\nstreams within the platforms' limits\n\n${await measureStreams()}`);

async function measureParley(limits: SimulatedLimits): Promise<Result> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startTestRedis());
  const model = stack.use(startChild<LimitedModelCalls>("./limited-model.ts"));
  const people = stack.use(startChild<LimitedPeopleCalls>("./limited-people.ts"));
  const variables = {
    ...(await people.call("variables")),
    OPENAI_BASE_URL: await model.call("begin", limits),
    OPENAI_MODEL: "bench-model",
    SYSTEM_PROMPT: systemPrompt,
    LATE_MESSAGES: "answer",
    LOG_LEVEL: "debug",
  };
  const workers = await startServices(stack, variables, redis.url);
  await people.call("connected");
  const beganAtMs = Date.now();
  await people.call("ask", demand);
  const { admitted, refused } = await model.call("end");
  const late = await Promise.all(workers.map((worker) => worker.call("lateMs")));
  const most = await people.call("answersPerQuestion");
  return { beganAtMs, admitted, refused, lateMs: late.flat(), notes: `at most ${most} post per question` };
}

async function measureSdk(limits: SimulatedLimits): Promise<Result> {
  await using stack = new AsyncDisposableStack();
  const model = stack.use(startChild<LimitedModelCalls>("./limited-model.ts"));
  const baseURL = await model.call("begin", limits);
  const beganAtMs = Date.now();
  const halves = [0, 1].map((half) => {
    const process = stack.use(startChild<SdkCalls>("./sdk-process.ts"));
    const perSecond = demand.perSecond.map((rate, user) => (user % 2 === half ? rate : 0));
    return process.call("ask", { baseURL, demand: { seconds, perSecond } });
  });
  const lost = (await Promise.all(halves)).reduce((sum, count) => sum + count, 0);
  const { admitted, refused } = await model.call("end");
  return { beganAtMs, admitted, refused, lateMs: [], notes: `${lost} questions lost` };
}

function print(kind: keyof typeof kinds, parley: Result, sdk: Result | undefined): void {
  const columns = sdk ? [parley, sdk] : [parley];
  const row = (name: string, cell: (result: Result) => string) => [name, ...columns.map(cell)];
  const ms = (values: readonly number[], share: number) => percentile(values, share).toFixed(0);
  const s = (values: readonly number[], share: number) => (percentile(values, share) / 1_000).toFixed(1);
  const waits = (result: Result) => counted(result).map(({ waitMs }) => waitMs);
  const [load = 0] = loadavg();
  console.log(
    `\n${kind} limited to ${kind === "requests" ? requestsPerMinute : kinds.tokens.tokensPerMinute} a minute, ${seconds} s, load ${load.toFixed(1)} on ${cpus().length} cores\n`,
  );
  console.log(
    toTable([
      ["", "Parley", ...(sdk ? ["openai's own retries"] : [])],
      row("used of what is allowed", (result) => usedOf(kind, result).toFixed(3)),
      row("429s", ({ refused }) => String(refused)),
      row("Jain's index of 40 people", (result) => jain(kind, result).toFixed(3)),
      row(
        "wait until the call, of those admitted",
        (result) => `p50 ${s(waits(result), 0.5)} · p95 ${s(waits(result), 0.95)} s`,
      ),
      row("the same, of people who do not flood", (result) => {
        const usual = counted(result).filter(({ user }) => user >= flooders);
        const of = usual.map(({ waitMs }) => waitMs);
        return `p50 ${s(of, 0.5)} · p95 ${s(of, 0.95)} s`;
      }),
      row("call after its booked start", ({ lateMs }) =>
        lateMs.length === 0
          ? ""
          : `p50 ${ms(lateMs, 0.5)} · p95 ${ms(lateMs, 0.95)} · p99 ${ms(lateMs, 0.99)} · max ${ms(lateMs, 1)} ms`,
      ),
      row("", ({ notes }) => notes),
    ]),
  );
}

function counted({ beganAtMs, admitted }: Result): readonly AdmittedRequest[] {
  return admitted.filter(({ atMs }) => atMs >= beganAtMs + startMs && atMs < beganAtMs + seconds * 1_000);
}

/** Admitted ÷ (burst + rate × time). */
function usedOf(kind: keyof typeof kinds, result: Result): number {
  const perMs = (kind === "requests" ? requestsPerMinute : kinds.tokens.tokensPerMinute) / 60_000;
  const taken = counted(result).reduce((sum, request) => sum + costOf[kind](request), 0);
  return taken / (perMs * (burstMs + seconds * 1_000 - startMs));
}

function jain(kind: keyof typeof kinds, result: Result): number {
  const shares = new Array<number>(users).fill(0);
  for (const request of counted(result)) {
    shares[request.user] = (shares[request.user] ?? 0) + costOf[kind](request);
  }
  const sum = shares.reduce((total, share) => total + share, 0);
  return sum ** 2 / (users * shares.reduce((total, share) => total + share ** 2, 0));
}
