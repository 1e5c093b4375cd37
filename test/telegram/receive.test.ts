/** What each kind of update means for Parley; the receiving function is pure. */

import { expect, test } from "vitest";
import { startTelegramSimulator } from "../../simulator/telegram/index.ts";
import { toArrivals } from "../../src/adapters/telegram/receive.ts";
import type { Arrival } from "../../src/core/inbox.ts";

const self = { id: 42, username: "Parley_Bot" };
const person = { id: 7, is_bot: false, first_name: "Ada", last_name: "Lovelace" };
const privateChat = { id: 7, type: "private" };
const group = { id: -100_123, type: "supergroup", title: "Engines" };

function receive(message: Readonly<Record<string, unknown>>): readonly Arrival[] {
  return toArrivals(
    {
      update_id: 1,
      message: { message_id: 5, date: 1_700_000_000, chat: privateChat, from: person, ...message },
    },
    self,
  );
}

function inGroup(text: string, more: Readonly<Record<string, unknown>> = {}): readonly Arrival[] {
  return receive({ chat: group, text, ...more });
}

function mention(text: string, handle: string) {
  return { entities: [{ type: "mention", offset: text.indexOf(handle), length: handle.length }] };
}

function command(text: string) {
  return { text, entities: [{ type: "bot_command", offset: 0, length: text.split(/\s/)[0]?.length ?? 0 }] };
}

/** The arrivals in short: `text`, `/name argument`, `[unsupported] caption`. */
function short(arrivals: readonly Arrival[]): readonly string[] {
  return arrivals.map((arrival) => {
    const { kind } = arrival;
    if (kind === "stop" || kind === "opened" || kind === "delete" || kind === "moved") return kind;
    if (arrival.kind === "command") return `/${arrival.command.name} ${arrival.command.argument}`.trim();
    const { text, unsupported } = arrival.kind === "edit" ? arrival.content : arrival.message;
    const said = unsupported === undefined ? text : `[${unsupported}] ${text}`.trim();
    if (arrival.kind === "edit") return `now: ${said}`;
    return arrival.message.onlyAsPart ? `perhaps a part: ${said}` : said;
  });
}

test("a private message arrives with all that is known of it", () => {
  expect(receive({ text: " Hello " })).toEqual([
    {
      kind: "message",
      message: {
        v: 1,
        id: "telegram:42:7#5",
        conversation: "telegram:42:7",
        nativeId: "5",
        order: 5,
        author: { id: "7", name: "Ada Lovelace" },
        place: "private",
        text: "Hello",
        answer: true,
        sentAtMs: 1_700_000_000_000,
      },
    },
  ]);
});

test.each([
  [
    "a mention",
    inGroup("@parley_bot what is this?", mention("@parley_bot", "@parley_bot")),
    ["what is this?"],
  ],
  ["a mention in other case", inGroup("@PARLEY_BOT, hi", mention("@PARLEY_BOT", "@PARLEY_BOT")), ["hi"]],
  [
    "a mention at the end",
    inGroup("what, @parley_bot?", mention("what, @parley_bot", "@parley_bot")),
    ["what, @parley_bot?"],
  ],
  ["nothing but a mention", inGroup("@parley_bot", mention("@parley_bot", "@parley_bot")), ["@parley_bot"]],
  [
    "another bot's mention",
    inGroup("@parley_bot2 hi", mention("@parley_bot2", "@parley_bot2")),
    ["perhaps a part: @parley_bot2 hi"],
  ],
  ["the name without a mention entity", inGroup("@parley_bot hi"), ["perhaps a part: hi"]],
  [
    "a mention by name",
    inGroup("Parley hi", { entities: [{ type: "text_mention", offset: 0, length: 6, user: { id: 42 } }] }),
    ["Parley hi"],
  ],
  [
    "somebody else's mention by name",
    inGroup("Bob hi", { entities: [{ type: "text_mention", offset: 0, length: 3, user: { id: 8 } }] }),
    ["perhaps a part: Bob hi"],
  ],
  [
    "a reply to the bot",
    inGroup("and why?", { reply_to_message: { message_id: 3, from: { id: 42 } } }),
    ["and why?"],
  ],
  [
    "a reply to a person",
    inGroup("and why?", { reply_to_message: { message_id: 3, from: { id: 8 } } }),
    ["perhaps a part: and why?"],
  ],
  [
    "a message in a topic that the bot opened",
    inGroup("hi all", { reply_to_message: { message_id: 3, from: { id: 42 }, forum_topic_created: {} } }),
    ["perhaps a part: hi all"],
  ],
  ["talk among people", inGroup("lunch?"), ["perhaps a part: lunch?"]],
  ["a picture among people", inGroup("", { text: undefined, photo: [{}] }), []],
  [
    "a picture of an album among people",
    inGroup("", { text: undefined, photo: [{}], media_group_id: "9" }),
    ["perhaps a part: [a photo]"],
  ],
])("in a group %s is taken for what it is", (_what, arrivals, expected) => {
  expect(short(arrivals)).toEqual(expected);
});

test.each([
  ["/help", ["/help"]],
  ["/START code-1", ["/start code-1"]],
  ["/new@parley_bot", ["/new"]],
  ["/frobnicate now", ["/frobnicate now"]],
  ["/stop@other_bot", ["/stop@other_bot"]],
])("in private %s is understood", (text, expected) => {
  expect(short(receive(command(text)))).toEqual(expected);
});

test.each([
  ["/stop", ["/stop"]],
  ["/stop@parley_bot please", ["/stop please"]],
  ["/stop@other_bot", []],
  ["/start", []],
  ["/start@PARLEY_BOT", ["/start"]],
  ["/frobnicate", []],
  ["/frobnicate@parley_bot", ["/frobnicate"]],
])("in a group %s is understood", (text, expected) => {
  expect(short(receive({ chat: group, ...command(text) }))).toEqual(expected);
});

test("another bot's command is left alone even as a reply", () => {
  const reply = { reply_to_message: { message_id: 3, from: { id: 42 } } };
  expect(short(receive({ chat: group, ...command("/stop@other_bot"), ...reply }))).toEqual([]);
  expect(short(receive({ chat: group, ...command("/weather"), ...reply }))).toEqual(["/weather"]);
});

test.each([
  ["voice", { voice: {} }, ["[a voice message]"]],
  ["photo", { photo: [{}], caption: "what is this?" }, ["[a photo] what is this?"]],
  ["animation, which comes with a document", { animation: {}, document: {} }, ["[a GIF]"]],
  ["venue, which comes with a location", { venue: {}, location: {} }, ["[a place]"]],
  ["something that does not exist yet", { hologram: {} }, ["[this kind of message]"]],
  ["pinned message", { pinned_message: {} }, []],
  ["new member", { new_chat_members: [{}] }, []],
  ["empty text", { text: "  " }, []],
])("a private %s is named in words for a person", (_what, content, expected) => {
  expect(short(receive(content))).toEqual(expected);
});

test("a photo in a group is for the bot when its caption mentions it", () => {
  const caption = "@parley_bot look";
  const caption_entities = mention(caption, "@parley_bot").entities;
  expect(short(receive({ chat: group, photo: [{}], caption, caption_entities }))).toEqual(["[a photo] look"]);
  expect(short(receive({ chat: group, photo: [{}], caption: "look" }))).toEqual([
    "perhaps a part: [a photo] look",
  ]);
  expect(short(receive({ chat: group, photo: [{}] }))).toEqual([]);
});

test.each([
  ["own", { from: { ...person, id: 42, is_bot: true } }],
  ["another bot's", { from: { ...person, is_bot: true } }],
  ["an inline bot's", { via_bot: { id: 9 } }],
  ["a nobody's", { from: undefined }],
  ["a channel's", { chat: { id: -5, type: "channel" } }],
  ["a business account's", { business_connection_id: "b1" }],
  ["a guest chat's", { guest_query_id: "g1" }],
  ["a vanishing", { message_id: 0, ephemeral_message_id: 3, receiver_user: person }],
  ["a channel's direct", { chat: group, direct_messages_topic: { topic_id: 1 } }],
  ["a linked channel's", { chat: group, is_automatic_forward: true, sender_chat: { id: -5 } }],
])("%s message is ignored", (_whose, change) => {
  expect(receive({ text: "hi", ...change })).toEqual([]);
});

test("an update of another kind is ignored, though it holds a message", () => {
  const message = { message_id: 5, date: 1, chat: privateChat, from: person, text: "hi" };
  for (const kind of ["business_message", "channel_post", "guest_message"]) {
    expect(toArrivals({ update_id: 1, [kind]: message }, self)).toEqual([]);
  }
});

function edited(message: Readonly<Record<string, unknown>>): readonly Arrival[] {
  const edited_message = {
    message_id: 5,
    date: 1,
    edit_date: 9,
    chat: privateChat,
    from: person,
    ...message,
  };
  return toArrivals({ update_id: 1, edited_message }, self);
}

test("an edit says what its message has become", () => {
  expect(edited({ text: " hi " })).toEqual([
    {
      kind: "edit",
      id: "telegram:42:7#5",
      conversation: "telegram:42:7",
      content: { v: 1, text: "hi" },
      version: 9,
      expected: true,
    },
  ]);
});

test("an edit in a group is expected when it is for the bot; edited into a command it is nothing", () => {
  const text = "@parley_bot hi";
  const [forBot] = edited({ chat: group, text, ...mention(text, "@parley_bot") });
  expect(forBot).toMatchObject({ content: { text: "hi" }, expected: true });
  expect(edited({ chat: group, text: "hi" })).toMatchObject([{ content: { text: "hi" }, expected: false }]);
  expect(edited(command("/stop"))).toEqual([]);
});

test.each([
  ["x".repeat(3_799), undefined],
  ["x".repeat(3_800), { kind: "cut", glue: "\n" }],
  ["x".repeat(4_094), { kind: "cut", glue: "\n" }],
  // Cut where the limit fell: one unit earlier where a pair would have been split.
  [`${"x".repeat(4_093)}🦄`, { kind: "cut", glue: "" }],
  ["x".repeat(4_096), { kind: "cut", glue: "" }],
  // Emoji count twice in the length, once in the limit.
  ["🦄".repeat(4_096), { kind: "cut", glue: "" }],
])("a text that an app may have cut says so (%#)", (text, part) => {
  expect(receive({ text })).toMatchObject([part === undefined ? { kind: "message" } : { message: { part } }]);
});

test("a picture of an album says which", () => {
  expect(receive({ photo: [{}], media_group_id: "9" })).toMatchObject([
    { message: { part: { kind: "album", key: "9" }, unsupported: "a photo" } },
  ]);
});

test.each([
  ["an anonymous admin is known by the group", group, { id: "-100123", name: "Engines", isChat: true }],
  [
    "who writes as a channel is known by the channel",
    { id: -100_555, type: "channel", title: "\u202eNews" },
    { id: "-100555", name: "\u202eNews", isChat: true },
  ],
])("%s, and is no person", (_who, sender_chat, author) => {
  const from = { id: 1_087_968_824, is_bot: true, first_name: "Group" };
  const [arrival] = inGroup("@parley_bot hi", {
    from,
    sender_chat,
    ...mention("@parley_bot", "@parley_bot"),
  });
  expect(arrival).toMatchObject({ message: { author, place: "group" } });
});

test("a topic is a conversation of its own, a reply chain is not", () => {
  const reply = { reply_to_message: { message_id: 3, from: { id: 42 } }, message_thread_id: 9 };
  const [inTopic] = inGroup("hi", { ...reply, is_topic_message: true });
  const [inChain] = inGroup("hi", reply);
  expect(inTopic).toMatchObject({
    message: { conversation: "telegram:42:-100123:9", id: "telegram:42:-100123#5" },
  });
  expect(inChain).toMatchObject({ message: { conversation: "telegram:42:-100123" } });
});

test.each([
  ["the group", { chat: { id: -5, type: "group" }, migrate_to_chat_id: -100_123 }],
  ["the supergroup", { chat: group, migrate_from_chat_id: -5 }],
])("that a group became a supergroup is told by %s", (_which, fields) => {
  const move = { kind: "moved", from: "telegram:42:-5", to: "telegram:42:-100123" };
  expect(receive(fields)).toEqual([move]);
  expect(receive({ ...fields, from: { ...person, id: 42, is_bot: true } })).toEqual([move]);
});

test("a message in a group names the group beside its id, which is not the last that the chat has", () => {
  const [arrival] = receive({ chat: { id: -5, type: "group" }, ...command("/help") });
  expect(arrival).toMatchObject({ command: { nativeId: "-5/5", id: "telegram:42:-5#5" } });
});

test("a long display name is cut after 64 characters and never inside one", () => {
  const [arrival] = receive({ text: "hi", from: { ...person, first_name: "🦄".repeat(100) } });
  expect(arrival).toMatchObject({ message: { author: { name: "🦄".repeat(64) } } });
});

test("what the simulator sends as a mention, a command and a reply is understood", async () => {
  await using telegram = await startTelegramSimulator({ canReadAllGroupMessages: true });
  const ada = telegram.createUser({ firstName: "Ada" });
  const chat = telegram.createGroup({ title: "Engines", members: [ada] });
  telegram.says(ada, chat, "hello", { mentionBot: true });
  telegram.says(ada, chat, "hello all");
  telegram.says(ada, chat, "/new@parley_bot");
  const { id, username = "" } = telegram.botUser;
  const arrivals = telegram.pendingUpdates.map((update) => short(toArrivals(update, { id, username })));
  expect(arrivals).toEqual([["hello"], ["perhaps a part: hello all"], ["/new"]]);
});
