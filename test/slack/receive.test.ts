import { expect, test } from "vitest";
import {
  isPersonsMessage,
  parseMessageEvent,
  parseSlashCommand,
} from "../../src/adapters/slack/event-shapes.ts";
import {
  type ReceiveSettings,
  toArrivals,
  toSlashArrival,
  toStopArrival,
} from "../../src/adapters/slack/receive.ts";
import type { Customs } from "../../src/core/inbox.ts";

const identity = { teamId: "T1", botUserId: "U0BOT", botId: "B0BOT" };
const settings: ReceiveSettings = { dm: "threads", threads: "threads" };
const ts = "1762500000.123456";
const root = "1762499999.000001";
const dm = { channel: "D1", channel_type: "im" };
const channel = { channel: "C1", channel_type: "channel" };

interface Case {
  readonly event: Readonly<Record<string, unknown>>;
  readonly settings?: Partial<ReceiveSettings>;
  readonly takesPart?: boolean;
  readonly customs?: Omit<Customs, "takesPart">;
}

async function arrivals({ event, settings: changed, takesPart = false, customs = {} }: Case) {
  const whole = { type: "message", user: "U1", ts, text: "Hello", ...event };
  if (!isPersonsMessage(whole)) return [];
  return toArrivals(parseMessageEvent(whole), {
    identity,
    settings: { ...settings, ...changed },
    customs: async () => ({ takesPart, ...customs }),
  });
}

/** One line per arrival: what it is, where it belongs. */
async function summary(given: Case): Promise<string> {
  const lines = (await arrivals(given)).map((arrival) => {
    if (arrival.kind === "message")
      return `${arrival.message.answer ? "answer" : "context"} ${arrival.message.conversation}`;
    return arrival.kind === "command"
      ? `!${arrival.command.name} ${arrival.command.conversation}`
      : arrival.kind;
  });
  return lines.join(", ") || "nothing";
}

const inThread = { ...channel, thread_ts: root };
const table: readonly (readonly [string, Case, string])[] = [
  ["a direct message opens a thread", { event: dm }, `answer slack:T1:D1:${ts}`],
  [
    "a reply in a direct message's thread",
    { event: { ...dm, thread_ts: root } },
    `answer slack:T1:D1:${root}`,
  ],
  ["a flat direct message", { event: dm, settings: { dm: "flat" } }, "answer slack:T1:D1"],
  [
    "a thread in a flat direct message",
    { event: { ...dm, thread_ts: root }, settings: { dm: "flat" } },
    `answer slack:T1:D1:${root}`,
  ],
  [
    "a direct message that mentions somebody else",
    { event: { ...dm, text: "<@U2> is nice" } },
    `answer slack:T1:D1:${ts}`,
  ],
  ["a channel message without a mention", { event: channel }, "nothing"],
  [
    "a channel message where everything said in channels is answered",
    { event: channel, customs: { groups: "all" } },
    `answer slack:T1:C1:${ts}`,
  ],
  [
    "a message of another thread where everything said in channels is answered",
    { event: inThread, customs: { groups: "all" } },
    "nothing",
  ],
  [
    "a thread message to somebody else where everything said in threads is answered",
    { event: { ...inThread, text: "<@U2> look" }, takesPart: true, customs: { threads: "all" } },
    `answer slack:T1:C1:${root}`,
  ],
  [
    "a thread message where a person has set that only mentions are answered",
    { event: inThread, takesPart: true, customs: { threads: "mention" } },
    `context slack:T1:C1:${root}`,
  ],
  [
    "a channel message without a mention, with the setting all",
    { event: channel, settings: { threads: "all" }, takesPart: true },
    "nothing",
  ],
  [
    "a mention in a channel opens a thread",
    { event: { ...channel, text: "<@U0BOT> hi" } },
    `answer slack:T1:C1:${ts}`,
  ],
  [
    "a mention with a label",
    { event: { ...channel, text: "hi <@U0BOT|parley>" } },
    `answer slack:T1:C1:${ts}`,
  ],
  [
    "the app_mention of the same message",
    { event: { type: "app_mention", channel: "C1", text: "<@U0BOT> hi" } },
    `answer slack:T1:C1:${ts}`,
  ],
  [
    "a mention in a foreign thread",
    { event: { ...inThread, text: "<@U0BOT> hi" } },
    `answer slack:T1:C1:${root}`,
  ],
  ["a group direct message without a mention", { event: { channel: "G1", channel_type: "mpim" } }, "nothing"],
  [
    "a mention in a group direct message",
    { event: { channel: "G1", channel_type: "mpim", text: "<@U0BOT> hi" } },
    `answer slack:T1:G1:${ts}`,
  ],
  ["a thread message where the bot takes no part", { event: inThread }, "nothing"],
  ["a thread message to nobody else", { event: inThread, takesPart: true }, `answer slack:T1:C1:${root}`],
  [
    "a thread message to somebody else",
    { event: { ...inThread, text: "<@U2> look" }, takesPart: true },
    `context slack:T1:C1:${root}`,
  ],
  [
    "a thread message to everybody",
    { event: { ...inThread, text: "<!here> look" }, takesPart: true },
    `context slack:T1:C1:${root}`,
  ],
  [
    "a thread message to a group",
    { event: { ...inThread, text: "<!subteam^S1> look" }, takesPart: true },
    `context slack:T1:C1:${root}`,
  ],
  [
    "a thread message to the bot and somebody else",
    { event: { ...inThread, text: "<@U2> <@U0BOT> look" }, takesPart: true },
    `answer slack:T1:C1:${root}`,
  ],
  [
    "a thread message with the setting mention",
    { event: inThread, takesPart: true, settings: { threads: "mention" } },
    `context slack:T1:C1:${root}`,
  ],
  [
    "a thread message to somebody else with the setting all",
    { event: { ...inThread, text: "<@U2> look" }, takesPart: true, settings: { threads: "all" } },
    `answer slack:T1:C1:${root}`,
  ],
  [
    "a reply that is also sent to the channel",
    { event: { ...inThread, subtype: "thread_broadcast" }, takesPart: true },
    `answer slack:T1:C1:${root}`,
  ],
  ["an italic /me message", { event: { ...dm, subtype: "me_message" } }, `answer slack:T1:D1:${ts}`],
  ["the bot's own message", { event: { ...dm, user: "U0BOT" } }, "nothing"],
  ["the bot's own message with its bot_id", { event: { ...dm, user: "U0BOT", bot_id: "B0BOT" } }, "nothing"],
  [
    "another bot that mentions the bot",
    { event: { ...channel, bot_id: "B9", text: "<@U0BOT> hi" } },
    `answer slack:T1:C1:${ts}`,
  ],
  ["another bot's command", { event: { ...channel, bot_id: "B9", text: "<@U0BOT> !stop" } }, "nothing"],
  ["another bot's direct message", { event: { ...dm, bot_id: "B9" } }, "nothing"],
  [
    "another bot that says something in a thread",
    { event: { ...inThread, bot_id: "B9" }, takesPart: true },
    "nothing",
  ],
  ["a bot_message", { event: { ...dm, subtype: "bot_message" } }, "nothing"],
  ["Slackbot", { event: { ...dm, user: "USLACKBOT" } }, "nothing"],
  ["an edit", { event: { ...dm, subtype: "message_changed" } }, "nothing"],
  ["a deletion", { event: { ...dm, subtype: "message_deleted" } }, "nothing"],
  [
    "somebody joining",
    { event: { ...channel, subtype: "channel_join", text: "<@U1> has joined" } },
    "nothing",
  ],
  ["!new in a direct message", { event: { ...dm, text: "!new" } }, `!new slack:T1:D1:${ts}`],
  ["@bot !stop in a thread", { event: { ...inThread, text: "<@U0BOT> !STOP" } }, `!stop slack:T1:C1:${root}`],
  [
    "!stop without a mention in a thread",
    { event: { ...inThread, text: "!stop" }, takesPart: true },
    `answer slack:T1:C1:${root}`,
  ],
  ["an unknown word after a bang", { event: { ...dm, text: "!important" } }, `answer slack:T1:D1:${ts}`],
];

test.for(table)("%s", async ([, given, expected]) => {
  expect(await summary(given)).toBe(expected);
});

test("a message carries its id, its order in microseconds and its time", async () => {
  const [arrival] = await arrivals({ event: { ...channel, text: "<@U0BOT> a &lt; b" } });
  expect(arrival).toEqual({
    kind: "message",
    message: {
      v: 1,
      id: "slack:T1:C1#1762500000.123456",
      conversation: `slack:T1:C1:${ts}`,
      nativeId: ts,
      order: 1_762_500_000_123_456,
      author: { id: "U1", name: "" },
      place: "group",
      text: "<@U0BOT> a &lt; b",
      answer: true,
      sentAtMs: 1_762_500_000_123,
    },
  });
});

test("both deliveries of a mention give the same arrival", async () => {
  const said = { channel: "C1", text: "<@U0BOT> hi", thread_ts: root };
  const mention = await arrivals({ event: { ...said, type: "app_mention" } });
  expect(mention).toEqual(await arrivals({ event: { ...said, channel_type: "channel" } }));
});

test.for([
  [[{ mimetype: "image/png" }], "an image"],
  [[{ mimetype: "image/png" }, { mimetype: "application/pdf" }], "an image and a file"],
  [[{ mimetype: "application/pdf" }, {}], "2 files"],
  [[{ mimetype: "audio/webm", subtype: "slack_audio" }], "a voice message"],
] as const)("files are named for a person: %o", async ([files, words]) => {
  const [arrival] = await arrivals({ event: { ...dm, subtype: "file_share", files } });
  expect(arrival).toMatchObject({ message: { text: "Hello", unsupported: words } });
});

test.each([
  ["nothing", { text: "" }, "this kind of message"],
  [
    "what only an app can show",
    { text: " ", attachments: [{ fallback: "a preview" }] },
    "this kind of message",
  ],
  ["words and an attachment that cannot be read", { attachments: [{ is_share: "?", text: 7 }] }, undefined],
])("a message that shows %s is no empty question", async (_, event, unsupported) => {
  const [arrival] = await arrivals({ event: { ...dm, ...event } });
  expect(arrival?.kind === "message" ? arrival.message.unsupported : "no message").toBe(unsupported);
});

test.for([
  ["stop", "stop", ""],
  ["  NEW  with words &amp; more ", "new", "with words & more"],
  ["", "help", ""],
] as const)("/parley %o is the command %s", ([text, name, argument]) => {
  const body = { channel_id: "C1", user_id: "U1", text, trigger_id: "1.2.3", response_url: "https://hooks" };
  expect(toSlashArrival(parseSlashCommand(body), identity, { dm: "threads" }, 5)).toMatchObject({
    command: {
      name,
      argument,
      conversation: "slack:T1:C1",
      respondTo: "https://hooks",
      order: 5_000,
      place: "group",
      reach: "chat",
    },
  });
});

test("Slack's Stop button stops the thread", () => {
  const stop = toStopArrival(
    { channel: "D1", user: "U1", thread_ts: root, event_ts: "1700000005.600000" },
    identity,
    7,
  );
  expect(stop).toEqual({
    kind: "stop",
    id: "1700000005.600000",
    conversation: `slack:T1:D1:${root}`,
    author: "U1",
    atMs: 1_700_000_005_600,
  });
});
