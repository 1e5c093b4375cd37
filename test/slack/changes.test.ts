import { expect, test } from "vitest";
import { toChangeArrivals } from "../../src/adapters/slack/changes.ts";
import { isChange, parseChangeEvent } from "../../src/adapters/slack/event-shapes.ts";
import type { ReceiveSettings } from "../../src/adapters/slack/receive.ts";

const identity = { teamId: "T1", botUserId: "U0BOT", botId: "B0BOT" };
const ts = "1762500000.123456";
const root = "1762499999.000001";
const eventTs = "1762500007.000000";
const dm = { channel: "D1", channel_type: "im" };
const channel = { channel: "C1", channel_type: "channel" };
const said = { type: "message", user: "U1", ts, text: "Hello" };
const mention = { ...said, text: "<@U0BOT> hi" };

interface Case {
  readonly event: Readonly<Record<string, unknown>>;
  readonly settings?: Partial<ReceiveSettings>;
  readonly takesPart?: boolean;
}

/** One line per arrival: what becomes of which message, where. */
async function summary({ event, settings: changed, takesPart = false }: Case): Promise<string> {
  const whole = { type: "message", hidden: true, ts: eventTs, event_ts: eventTs, ...event };
  expect(isChange(whole)).toBe(true);
  const settings: ReceiveSettings = { dm: "threads", threads: "threads", ...changed };
  const context = { identity, settings, customs: async () => ({ takesPart }) };
  const lines = (await toChangeArrivals(parseChangeEvent(whole), context)).map((arrival) => {
    if (arrival.kind !== "edit" && arrival.kind !== "delete") return arrival.kind;
    const text = arrival.kind === "edit" ? ` "${arrival.content.text}" ${arrival.version}` : "";
    return `${arrival.kind}${arrival.expected ? "" : "?"} ${arrival.id} in ${arrival.conversation}${text}`;
  });
  return lines.join(", ") || "nothing";
}

const changed = (message: object, previous: object = said) => ({
  subtype: "message_changed",
  message,
  previous_message: previous,
});
const deleted = (previous: object) => ({
  subtype: "message_deleted",
  deleted_ts: ts,
  previous_message: previous,
});
const edited = { user: "U1", ts: "1762500005.000001" };

const table: readonly (readonly [string, Case, string])[] = [
  [
    "an edit in a direct message",
    { event: { ...dm, ...changed({ ...said, text: "Bye", edited }) } },
    `edit slack:T1:D1#${ts} in slack:T1:D1:${ts} "Bye" 1762500005000001`,
  ],
  [
    "an edit that does not say when",
    { event: { ...dm, ...changed({ ...said, text: "Bye" }) } },
    `edit slack:T1:D1#${ts} in slack:T1:D1:${ts} "Bye" 1762500007000000`,
  ],
  [
    "an edit of a message that has replies, where the direct message is one conversation",
    {
      event: { ...dm, ...changed({ ...said, text: "Bye", thread_ts: ts, edited }) },
      settings: { dm: "flat" },
    },
    `edit slack:T1:D1#${ts} in slack:T1:D1 "Bye" 1762500005000001`,
  ],
  [
    "an edit of a reply",
    { event: { ...dm, ...changed({ ...said, text: "Bye", thread_ts: root, edited }) } },
    `edit slack:T1:D1#${ts} in slack:T1:D1:${root} "Bye" 1762500005000001`,
  ],
  [
    "an edit of a mention",
    { event: { ...channel, ...changed({ ...mention, text: "<@U0BOT> bye", edited }, mention) } },
    `edit slack:T1:C1#${ts} in slack:T1:C1:${ts} "<@U0BOT> bye" 1762500005000001`,
  ],
  [
    "an edit that takes the mention away",
    { event: { ...channel, ...changed({ ...mention, text: "bye", edited }, mention) } },
    `edit? slack:T1:C1#${ts} in slack:T1:C1:${ts} "bye" 1762500005000001`,
  ],
  [
    "an edit in a thread where the bot takes part",
    { event: { ...channel, ...changed({ ...said, text: "Bye", thread_ts: root, edited }) }, takesPart: true },
    `edit slack:T1:C1#${ts} in slack:T1:C1:${root} "Bye" 1762500005000001`,
  ],
  ["an edit into a command", { event: { ...dm, ...changed({ ...said, text: "!stop", edited }) } }, "nothing"],
  ["a preview of a link", { event: { ...dm, ...changed({ ...said, attachments: [{ id: 1 }] }) } }, "nothing"],
  [
    "a preview after an edit",
    { event: { ...dm, ...changed({ ...said, edited, attachments: [{ id: 1 }] }, { ...said, edited }) } },
    "nothing",
  ],
  [
    "an edit by somebody else",
    { event: { ...dm, ...changed({ ...said, text: "Bye", edited: { ...edited, user: "U2" } }) } },
    "nothing",
  ],
  [
    "the bot's own edit",
    { event: { ...dm, ...changed({ ...said, user: "U0BOT", bot_id: "B0BOT", text: "Bye", edited }) } },
    "nothing",
  ],
  [
    "another bot's edit",
    { event: { ...dm, ...changed({ ...said, subtype: "bot_message", bot_id: "B9", text: "Bye" }) } },
    "nothing",
  ],
  ["a deletion", { event: { ...dm, ...deleted(said) } }, `delete slack:T1:D1#${ts} in slack:T1:D1:${ts}`],
  [
    "a deletion of what was not for the bot",
    { event: { ...channel, ...deleted(said) } },
    `delete? slack:T1:C1#${ts} in slack:T1:C1:${ts}`,
  ],
  [
    "the deletion of a thread's root",
    {
      event: {
        ...channel,
        ...changed(
          { ...said, subtype: "tombstone", user: "USLACKBOT", thread_ts: ts },
          { ...mention, thread_ts: ts },
        ),
      },
    },
    `delete slack:T1:C1#${ts} in slack:T1:C1:${ts}`,
  ],
  [
    "the last reply under a tombstone is gone, and so is the tombstone",
    {
      event: { ...channel, ...deleted({ ...said, subtype: "tombstone", user: "USLACKBOT", thread_ts: ts }) },
    },
    "nothing",
  ],
  ["a deletion that does not say of what", { event: { ...dm, subtype: "message_deleted" } }, "nothing"],
  [
    "the deletion of an answer",
    { event: { ...dm, ...deleted({ ...said, user: "U0BOT", bot_id: "B0BOT" }) } },
    "nothing",
  ],
];

test.for(table)("%s", async ([, given, expected]) => {
  expect(await summary(given)).toBe(expected);
});
