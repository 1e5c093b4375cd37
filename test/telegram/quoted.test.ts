/** What a message answers or quotes reaches the model's side: whoever wrote it, however it was made. */

import { expect, test } from "vitest";
import { toArrivals } from "../../src/adapters/telegram/receive.ts";
import type { Quoted } from "../../src/core/message.ts";

const self = { id: 42, username: "parley_bot" };
const ada = { id: 7, is_bot: false, first_name: "Ada", last_name: "Lovelace" };
const bob = { id: 8, is_bot: false, first_name: "Bob" };
const me = { id: 42, is_bot: true, first_name: "Parley" };

function quotedIn(fields: Readonly<Record<string, unknown>>): Quoted | undefined {
  const message = { message_id: 5, date: 1_700_000_000, chat: { id: 7, type: "private" }, from: ada };
  const [arrival] = toArrivals({ update_id: 1, message: { ...message, text: "why?", ...fields } }, self);
  return arrival?.kind === "message" ? arrival.message.quoted : undefined;
}

const replyTo = (fields: Readonly<Record<string, unknown>>) => ({
  reply_to_message: { message_id: 3, date: 1, chat: { id: 7, type: "private" }, ...fields },
});

test.each([
  [
    "a person's text",
    { from: bob, text: "It is late." },
    { speaker: "Bob", own: false, text: "It is late." },
  ],
  ["the bot's own", { from: me, text: "It is 9." }, { speaker: "Parley", own: true, text: "It is 9." }],
  [
    "a picture with a caption",
    { from: bob, photo: [{}], caption: "My cat" },
    { speaker: "Bob", own: false, text: "My cat", unsupported: "a photo" },
  ],
  [
    "a voice message",
    { from: bob, voice: {} },
    { speaker: "Bob", own: false, text: "", unsupported: "a voice message" },
  ],
  [
    "a channel's post",
    { from: { id: 777_000, first_name: "Telegram" }, sender_chat: { id: -5, title: "News" }, text: "Today" },
    { speaker: "News", own: false, text: "Today" },
  ],
  ["nobody's text", { text: "Once" }, { speaker: "", own: false, text: "Once" }],
  [
    "a rich message",
    {
      from: me,
      rich_message: { blocks: [{ type: "paragraph", text: ["It ", { type: "bold", text: "is" }] }] },
    },
    { speaker: "Parley", own: true, text: "It is" },
  ],
])("%s that is answered comes along", (_what, replied, expected) => {
  expect(quotedIn(replyTo(replied))).toEqual({ chosen: false, ...expected });
});

test("the part that its author picked stands for the whole message", () => {
  const quote = { text: "late", position: 6, is_manual: true };
  expect(quotedIn({ ...replyTo({ from: bob, text: "It is late.", photo: [{}] }), quote })).toEqual({
    speaker: "Bob",
    own: false,
    chosen: true,
    text: "late",
  });
});

test("a part that Telegram picked by itself does not", () => {
  const quote = { text: "It is", position: 0 };
  expect(quotedIn({ ...replyTo({ from: bob, text: "It is late." }), quote })).toMatchObject({
    chosen: false,
    text: "It is late.",
  });
});

test.each([
  ["a person", { type: "user", sender_user: bob }, "Bob", false],
  ["a person who hides", { type: "hidden_user", sender_user_name: "Someone Else" }, "Someone Else", false],
  ["a group", { type: "chat", sender_chat: { id: -4, title: "Engines" } }, "Engines", false],
  ["a channel", { type: "channel", chat: { id: -5, title: "News" }, message_id: 1 }, "News", false],
  ["the bot", { type: "user", sender_user: me }, "Parley", true],
])("a message of another chat's comes as its quote, by %s", (_whose, origin, speaker, own) => {
  const fields = { external_reply: { origin }, quote: { text: "So it is.", position: 0 } };
  expect(quotedIn(fields)).toEqual({ speaker, own, chosen: false, text: "So it is." });
});

test("a picture of another chat's is named, and a text without a quote is nothing to show", () => {
  const external_reply = { origin: { type: "user", sender_user: bob } };
  expect(quotedIn({ external_reply: { ...external_reply, photo: [{}] } })).toMatchObject({
    text: "",
    unsupported: "a photo",
  });
  expect(quotedIn({ external_reply })).toBeUndefined();
});

test.each([
  ["the notice of a topic's creation", replyTo({ from: bob, forum_topic_created: { name: "Cats" } })],
  ["a pinned message's notice", replyTo({ from: bob, pinned_message: {} })],
  ["nothing", {}],
])("%s is no quote", (_what, fields) => {
  expect(quotedIn(fields)).toBeUndefined();
});

test("what cannot be read of an answered message leaves the message itself alone", () => {
  expect(quotedIn({ reply_to_message: 17, external_reply: "?", quote: { text: 5 } })).toBeUndefined();
  const broken = { external_reply: { origin: 5 }, quote: { text: "So it is.", position: 0 } };
  expect(quotedIn(broken)).toMatchObject({ speaker: "", text: "So it is." });
});

test("long texts and names are kept in part", () => {
  const long = quotedIn(
    replyTo({ from: { ...bob, first_name: "B".repeat(5_000) }, text: "x".repeat(20_000) }),
  );
  expect(long?.text).toHaveLength(8_000);
  expect(long?.speaker).toHaveLength(64);
  const channel = replyTo({ sender_chat: { id: -5, title: "N".repeat(5_000) }, text: "x" });
  expect(quotedIn(channel)?.speaker).toHaveLength(64);
});
