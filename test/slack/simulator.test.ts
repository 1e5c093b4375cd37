import { SocketModeClient } from "@slack/socket-mode";
import { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type SlackSimulator, startSlackSimulator } from "../../simulator/slack/simulator.ts";

let slack: SlackSimulator;
let client: WebClient;
interface Body {
  readonly event_id: string;
  readonly event: Readonly<Record<string, unknown>>;
}
const quiet = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => "error",
  setName() {},
};

beforeEach(async () => {
  slack = await startSlackSimulator({ rates: "off" });
  client = new WebClient(slack.botToken, {
    slackApiUrl: slack.url,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: quiet as never,
  });
});
afterEach(() => slack[Symbol.asyncDispose]());

async function connect(
  onEvent: (arrived: { body: Body; ack: () => Promise<void>; retry_num?: number }) => void,
  server = slack,
) {
  const socket = new SocketModeClient({
    appToken: server.appToken,
    clientOptions: { slackApiUrl: server.url },
    logger: quiet as never,
  });
  socket.on("slack_event", onEvent);
  await socket.start();
  return socket;
}

test("a mention in a channel arrives twice, escaped, under one ts and two event ids", async () => {
  const bodies: Body[] = [];
  const socket = await connect(({ body, ack }) => {
    bodies.push(body);
    void ack();
  });
  const ann = slack.createUser({ name: "Ann" });
  const channel = slack.createChannel("general", [ann]);
  const ts = slack.says(ann, channel, "@parley is 1 < 2 & true? @Ann");
  await slack.until(() => slack.socketMode.deliveries.filter((one) => one.ackedAtMs).length === 2);
  expect(bodies.map((body) => body.event.type).sort()).toEqual(["app_mention", "message"]);
  expect(bodies.map((body) => body.event.ts)).toEqual([ts, ts]);
  expect(new Set(bodies.map((body) => body.event_id)).size).toBe(2);
  expect(bodies[0]?.event.text).toBe(`<@${slack.botUserId}> is 1 &lt; 2 &amp; true? <@${ann.id}>`);
  await socket.disconnect();
});

test("an event that is not acknowledged comes again, then is lost", async () => {
  const attempts: unknown[] = [];
  const socketTiming = { ackMs: 50, retryDelaysMs: [0, 10] };
  await using impatient = await startSlackSimulator({ rates: "off", socketTiming });
  const socket = await connect(({ retry_num }) => attempts.push(retry_num), impatient);
  const ann = impatient.createUser({ name: "Ann" });
  impatient.says(ann, impatient.createDm(ann), "Hello");
  const isLost = () => impatient.socketMode.lost.length === 1;
  await impatient.until(isLost);
  expect(attempts).toEqual([0, 1, 2]);
  await socket.disconnect();
});

test("the app hears its own posts and edits", async () => {
  const events: Body["event"][] = [];
  const socket = await connect(({ body, ack }) => {
    events.push(body.event);
    void ack();
  });
  const channel = slack.createChannel("general", []);
  const posted = await client.chat.postMessage({ channel: channel.id, text: "a" });
  await client.chat.update({ channel: channel.id, ts: posted.ts!, text: "b" });
  await slack.until(() => events.length === 2);
  expect(events[0]).toMatchObject({ type: "message", bot_id: slack.workspace.botId, text: "a" });
  expect(events[1]).toMatchObject({ subtype: "message_changed", message: { text: "b" } });
  await socket.disconnect();
});

test("a refreshed connection is replaced by the client and events go on", async () => {
  let count = 0;
  const socket = new SocketModeClient({
    appToken: slack.appToken,
    clientOptions: { slackApiUrl: slack.url },
    clientPingTimeout: 30,
    logger: quiet as never,
  });
  socket.on("slack_event", ({ ack }) => {
    count += 1;
    void ack();
  });
  await socket.start();
  slack.socketMode.refresh(1, "refresh_requested", 10);
  await slack.until(() => slack.socketMode.connections.includes(2));
  const ann = slack.createUser({ name: "Ann" });
  slack.says(ann, slack.createDm(ann), "Hello");
  await slack.until(() => slack.socketMode.deliveries.some((one) => one.ackedAtMs !== undefined));
  expect(count).toBe(1);
  await socket.disconnect();
});

test.for([
  [
    "chat.update with 4,001 characters",
    "msg_too_long",
    (channel: string, ts: string) => client.chat.update({ channel, ts, text: "x".repeat(4001) }),
  ],
  [
    "a section of 3,001 characters",
    "invalid_blocks",
    (channel: string) =>
      client.chat.postMessage({
        channel,
        text: "x",
        blocks: [{ type: "section", text: { type: "mrkdwn", text: "x".repeat(3001) } }],
      }),
  ],
  [
    "51 blocks",
    "invalid_blocks",
    (channel: string) =>
      client.chat.postMessage({
        channel,
        text: "x",
        blocks: Array.from({ length: 51 }, () => ({ type: "divider" as const })),
      }),
  ],
  [
    "blocks of 13,300 characters",
    "msg_blocks_too_long",
    (channel: string) =>
      client.chat.postMessage({
        channel,
        text: "x",
        blocks: Array.from({ length: 7 }, () => ({
          type: "section" as const,
          text: { type: "mrkdwn" as const, text: "x".repeat(1900) },
        })),
      }),
  ],
  [
    "an unknown message",
    "message_not_found",
    (channel: string) => client.chat.update({ channel, ts: "1.000001", text: "x" }),
  ],
  [
    "an unknown channel",
    "channel_not_found",
    () => client.chat.postMessage({ channel: "C0NONE", text: "x" }),
  ],
] as const)("%s is refused with %s", async ([, code, call]) => {
  const channel = slack.createChannel("general", []);
  const { ts } = await client.chat.postMessage({ channel: channel.id, text: "a" });
  await expect(call(channel.id, ts!)).rejects.toMatchObject({ data: { error: code } });
});

test("an edit above the rate is refused with Retry-After, posts go on", async () => {
  await using limited = await startSlackSimulator({ rates: { "chat.update": { perMinute: 1, burst: 2 } } });
  const web = new WebClient(limited.botToken, {
    slackApiUrl: limited.url,
    rejectRateLimitedCalls: true,
    logger: quiet as never,
  });
  const channel = limited.createChannel("general", []);
  const { ts } = await web.chat.postMessage({ channel: channel.id, text: "a" });
  for (const text of ["1", "2"]) await web.chat.update({ channel: channel.id, ts: ts!, text });
  const third = web.chat.update({ channel: channel.id, ts: ts!, text: "3" });
  await expect(third).rejects.toMatchObject({ retryAfter: expect.any(Number) });
  await web.chat.postMessage({ channel: channel.id, text: "b" });
  expect(limited.answers(channel)).toEqual(["2", "b"]);
});

test("a post that is applied and then reset shows, and is found by its metadata", async () => {
  const channel = slack.createChannel("general", []);
  const root = await client.chat.postMessage({ channel: channel.id, text: "root" });
  slack.faults.next("chat.postMessage", { kind: "applied-reset" }, { channel: channel.id });
  const metadata = { event_type: "page", event_payload: { token: "t1" } };
  const posted = client.chat.postMessage({
    channel: channel.id,
    thread_ts: root.ts!,
    text: "answer",
    metadata,
  });
  await expect(posted).rejects.toMatchObject({ code: "slack_webapi_request_error" });
  const found = await client.conversations.replies({
    channel: channel.id,
    ts: root.ts!,
    include_all_metadata: true,
  });
  expect(found.messages?.map((message) => message.metadata?.event_payload)).toEqual([
    undefined,
    { token: "t1" },
  ]);
});

test("a late edit has the last word although its caller has given up", async () => {
  const channel = slack.createChannel("general", []);
  const { ts } = await client.chat.postMessage({ channel: channel.id, text: "a" });
  slack.faults.next("chat.update", { kind: "late", ms: 700 });
  const caller = new AbortController();
  const late = fetch(`${slack.url}chat.update`, {
    method: "POST",
    headers: { authorization: `Bearer ${slack.botToken}` },
    body: new URLSearchParams({ channel: channel.id, ts: ts!, text: "late" }),
    signal: caller.signal,
  });
  await slack.until(() => slack.callsOf("chat.update").length === 1);
  caller.abort();
  await expect(late).rejects.toThrow("aborted");
  await client.chat.update({ channel: channel.id, ts: ts!, text: "final" });
  await slack.until(() => slack.answers(channel)[0] === "late");
  expect(slack.history(channel, ts!).map((state) => state.seen)).toEqual(["a", "final", "late"]);
});

test("what would ping is recorded, and escaped text does not", async () => {
  const channel = slack.createChannel("general", []);
  await client.chat.postMessage({ channel: channel.id, text: "&lt;!channel&gt; and @channel" });
  expect(slack.botPings).toEqual([]);
  await client.chat.postMessage({ channel: channel.id, text: "<!channel> <@U1>" });
  await client.chat.postMessage({ channel: channel.id, text: "@here", link_names: true });
  expect(slack.botPings).toEqual(["<!channel>", "<@U1>", "@here"]);
});

test("a snapshot starts a workspace that remembers", async () => {
  const ann = slack.createUser({ name: "Ann" });
  const channel = slack.createChannel("general", [ann]);
  slack.says(ann, channel, "Remember me");
  await using again = await startSlackSimulator({ snapshot: JSON.parse(JSON.stringify(slack.snapshot())) });
  expect(again.visible(channel.id).map((message) => message.text)).toEqual(["Remember me"]);
  expect(again.createUser({ name: "Bob" }).id).not.toBe(ann.id);
});

test("a slash command that nobody acknowledges says so to its sender", async () => {
  const ann = slack.createUser({ name: "Ann" });
  const channel = slack.createChannel("general", [ann]);
  expect(await slack.runsCommand(ann, channel, "/parley", "help")).toBeUndefined();
  expect(slack.visible(channel)).toMatchObject([
    { ephemeralTo: ann.id, text: expect.stringContaining("failed") },
  ]);
});
