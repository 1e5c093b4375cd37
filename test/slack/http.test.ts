import { afterEach, expect, test } from "vitest";
import type { DeliveryFault } from "../../simulator/slack/http-delivery.ts";
import { type SlackWorld, type SlackWorldOptions, startSlackWorld } from "./slack-world.ts";

let world: SlackWorld;
afterEach(() => world[Symbol.asyncDispose]());

async function connected(options: SlackWorldOptions = {}) {
  world = await startSlackWorld({ http: true, ...options });
  await world.connect();
  const ann = world.slack.createUser({ name: "Ann" });
  return { ann, channel: world.slack.createChannel("general", [ann]), dm: world.slack.createDm(ann) };
}

const acked = () => world.slack.deliveries.filter((one) => one.ackedAtMs !== undefined);
const texts = () => world.inbox.messages.map(({ text }) => text);
/** How long the app may take before the simulated Slack gives up; above what a refused write takes. */
const patient = { simulator: { socketTiming: { ackMs: 10_000 } } };

test("a mention, which comes as two requests, arrives once", async () => {
  const { ann, channel } = await connected();
  const ts = world.slack.says(ann, channel, "@parley hello");
  await world.slack.until(() => acked().length === 2);
  expect(world.inbox.asked).toBe(2);
  expect(world.inbox.messages).toMatchObject([{ nativeId: ts, answer: true, author: { id: ann.id } }]);
  expect(world.slack.deliveries.map(({ status }) => status)).toEqual([200, 200]);
});

test("503 while the inbox refuses; Slack delivers again and nothing is lost or doubled", async () => {
  const { ann, dm } = await connected(patient);
  world.inbox.refusals = 2;
  world.slack.says(ann, dm, "Keep me");
  await world.slack.until(() => acked().length === 1);
  const seen = world.slack.deliveries.map(({ status, retryReason }) => [status, retryReason]);
  expect(seen).toEqual([
    [503, undefined],
    [503, "http_error"],
    [200, "http_error"],
  ]);
  expect(texts()).toEqual(["Keep me"]);
  expect(world.log.join()).toContain("arrivals could not be written");
});

test.for<[string, DeliveryFault]>([
  ["the answer is lost on the way", { kind: "answer-lost" }],
  ["Slack gives up before the answer", { kind: "impatient", ms: 0 }],
  ["the request comes twice", { kind: "twice" }],
])("when %s, the message is known when it comes again", async ([, fault]) => {
  const { ann, dm } = await connected(patient);
  world.slack.http.next(fault);
  world.slack.says(ann, dm, "Once");
  await world.slack.until(() => acked().length === 1 && world.inbox.asked === 2);
  expect(texts()).toEqual(["Once"]);
});

test("a write that hangs is answered 503 within the time that Slack allows", async () => {
  const { ann, dm } = await connected({ ...patient, timing: { httpReplyMs: 50 } });
  const write = Promise.withResolvers<void>();
  const accept = world.inbox.accept.bind(world.inbox);
  world.inbox.accept = async (arrivals) => {
    if (world.inbox.asked === 0) await write.promise;
    await accept(arrivals);
  };
  world.slack.says(ann, dm, "Slow");
  await world.slack.until(() => world.slack.deliveries[0]?.status === 503);
  write.resolve();
  await world.slack.until(() => acked().length === 1);
  expect(texts()).toEqual(["Slow"]);
});

test.for<[string, DeliveryFault]>([
  ["six minutes ago", { kind: "clock-off", ms: -6 * 60_000 }],
  ["ten minutes ahead", { kind: "clock-off", ms: 10 * 60_000 }],
  ["with another secret", { kind: "other-secret" }],
])(
  "what was signed %s is refused, nothing of it arrives, and Slack is told not to come again",
  async ([, fault]) => {
    const { ann, dm } = await connected();
    world.slack.http.next(fault);
    world.slack.says(ann, dm, "Not me");
    world.slack.says(ann, dm, "Me");
    await world.slack.until(() => acked().length === 1 && world.slack.http.lost.length === 1);
    expect(world.slack.deliveries.map(({ status }) => status)).toEqual([401, 200]);
    expect(texts()).toEqual(["Me"]);
    expect(world.log.join()).toMatch(/"reason":"(stale|forged)"/);
  },
);

test("a request for another workspace or another app is refused, and its words are not logged", async () => {
  const { ann, dm } = await connected();
  world.slack.says(ann, dm, "Hello");
  await world.slack.until(() => acked().length === 1);
  const body = world.slack.deliveries[0]?.payload ?? {};
  const other = { team_id: "T0OTHER", context_team_id: "T0OTHER", authorizations: [{ team_id: "T0OTHER" }] };
  for (const foreign of [other, { api_app_id: "A0OTHER" }])
    world.slack.http.sendEvent({ ...body, ...foreign, event_id: "Ev0" });
  await world.slack.until(() => world.slack.http.lost.length === 2);
  expect(world.slack.deliveries.map(({ status }) => status)).toEqual([200, 403, 403]);
  expect(texts()).toEqual(["Hello"]);
  expect(world.log.join()).toContain('"reason":"foreign"');
  expect(world.log.join()).not.toContain("Hello");
});

test("that Slack withholds events is in the log, once, and disturbs nothing", async () => {
  const { ann, dm } = await connected();
  const withheld = { type: "app_rate_limited", team_id: world.slack.teamId, api_app_id: "A0PARLEY" };
  for (const minute_rate_limited of [1_518_467_820, 1_518_467_880])
    world.slack.http.sendEvent({ ...withheld, minute_rate_limited });
  await world.slack.until(() => acked().length === 2);
  world.slack.says(ann, dm, "Hello");
  await world.slack.until(() => acked().length === 3);
  expect(texts()).toEqual(["Hello"]);
  const told = world.log.filter((line) => line.includes("withholds"));
  expect(told.map((line) => JSON.parse(line))).toMatchObject([{ level: 50, scope: world.slack.teamId }]);
});

test("in a channel shared with another workspace, what names our installation is ours", async () => {
  const { ann, dm } = await connected();
  world.slack.says(ann, dm, "Hello");
  await world.slack.until(() => acked().length === 1);
  world.slack.http.sendEvent({ ...world.slack.deliveries[0]?.payload, team_id: "T0OTHER", event_id: "Ev0" });
  await world.slack.until(() => acked().length === 2);
  expect(world.inbox.asked).toBe(2);
});

test("a slash command arrives with a way to answer its sender, and one that cannot be written fails visibly", async () => {
  const { ann, channel, dm } = await connected();
  const delivery = await world.slack.runsCommand(ann, channel, "/parley", "stop");
  expect(delivery).toMatchObject({ status: 200, answer: undefined });
  expect(world.inbox.commands).toMatchObject([{ name: "stop", author: { id: ann.id }, place: "group" }]);
  expect(world.inbox.commands[0]?.respondTo).toContain(world.slack.origin);
  world.inbox.refusals = 1;
  expect(await world.slack.runsCommand(ann, dm, "/parley", "new")).toBeUndefined();
  expect(world.slack.visible(dm).at(-1)?.text).toContain("http_service_error");
});

test("Slack's Stop button arrives, and an interaction that nobody waits for is acknowledged", async () => {
  const { ann, channel } = await connected();
  world.slack.pressesStop(ann, channel, "1700000000.000100");
  await world.slack.until(() => acked().length === 1);
  expect(world.inbox.arrivals).toMatchObject([{ kind: "stop", author: ann.id }]);
  const pressed = {
    type: "block_actions",
    team: { id: world.slack.teamId },
    user: { id: ann.id },
    actions: [{}],
  };
  const delivery = await world.slack.http.sendOnce("interactive", pressed);
  expect(delivery).toMatchObject({ status: 200 });
});

test("before its start and after its stop the route takes nothing in, and Slack keeps it", async () => {
  world = await startSlackWorld({ http: true, ...patient });
  const { slack, inbox, parts } = world;
  await slack.http.verify(`${world.origin}/slack/events`);
  expect(parts.intake.notReady()).toContain("auth.test");
  const ann = slack.createUser({ name: "Ann" });
  const dm = slack.createDm(ann);
  slack.says(ann, dm, "Early");
  await slack.until(() => slack.deliveries[0]?.status === 503);
  await world.connect();
  await slack.until(() => inbox.messages.length === 1);
  await parts.intake.stop();
  slack.says(ann, dm, "Late");
  await slack.until(() => slack.deliveries.at(-1)?.status === 503);
  expect(texts()).toEqual(["Early"]);
});

test("a Slack that does not tell which app we are is served all the same", async () => {
  world = await startSlackWorld({ http: true });
  world.slack.faults.next("bots.info", { kind: "error", code: "missing_scope" });
  await world.connect();
  const ann = world.slack.createUser({ name: "Ann" });
  world.slack.says(ann, world.slack.createDm(ann), "Hello");
  await world.slack.until(() => acked().length === 1);
  expect(texts()).toEqual(["Hello"]);
  expect(world.log.join()).toContain("app unknown");
});

test("neither the signing secret nor what people write reaches the log", async () => {
  const signingSecret = "canary-signing-secret";
  const { ann, dm } = await connected({ simulator: { signingSecret, socketTiming: { ackMs: 10_000 } } });
  world.inbox.refusals = 1;
  world.slack.http.next({ kind: "other-secret" });
  world.slack.says(ann, dm, "canary words");
  world.slack.says(ann, dm, "canary words");
  await world.slack.until(() => acked().length === 1);
  expect(world.log.length).toBeGreaterThan(1);
  expect(world.log.join()).not.toContain("canary");
});
