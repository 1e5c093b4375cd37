/** Commands by buttons, replies and files on Telegram: what is seen, by whom, and what the model is asked then. */

import { expect, test } from "vitest";
import { becomesOwner } from "../world/owner.ts";
import { sees, seesPart } from "../world/person.ts";
import { asks, reads } from "../world/stage.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld, type WorldOptions } from "../world/world.ts";

/** An owner and somebody else, each in private and both in a group. */
async function friends(options: WorldOptions = {}) {
  const world = await startWorld({ platforms: ["telegram"], ...options });
  const boss = world.telegramPerson();
  await becomesOwner(world, boss, "/");
  const maya = world.telegramPerson();
  const members = [boss.user, maya.user];
  const group = world.telegram.createGroup({ title: "Friends", members, isForum: true });
  const inGroup = (person: TelegramPerson) => new TelegramPerson(world.telegram, person.user, group);
  return { world, boss, maya, group, bossInGroup: inGroup(boss), mayaInGroup: inGroup(maya) };
}

const manyModels = Array.from({ length: 300 }, (_, index) => {
  const number = String(index).padStart(3, "0");
  return `vendor-with-a-long-name/family-${number}/${"very-".repeat(8)}large-model-${number}`;
});

test("among hundreds of models with long names one is found by leafing, and chosen; the message changes in its place", async () => {
  const { world, boss } = await friends({ models: [...manyModels, "test-model"] });
  await using _ = world;
  boss.says("/model");
  await reads(boss, "Page 1 of 38");
  const before = boss.answers().length;
  boss.presses("›");
  await reads(boss, "Page 2 of 38");
  const label = boss.buttons()[3]?.[0] ?? "";
  expect(label).toMatch(/^vendor-with-a-long-name.*….*-large-model-010$/);
  boss.presses(label);
  await reads(boss, `model (set in this chat): ${manyModels[10]}`);
  expect(boss.answers()).toHaveLength(before);
  expect(await asks(world, boss, "Hello")).toMatchObject({ model: manyModels[10] });
  boss.says("/model");
  await reads(boss, "Page 2 of 38");
  expect(boss.buttons()[3]?.[0]).toMatch(/^✓ vendor.*-model-010$/);
});

test("a button pressed without the right says so to who pressed, and the message stays", async () => {
  const { world, bossInGroup, maya, mayaInGroup } = await friends({ models: ["test-model", "other-model"] });
  await using _ = world;
  bossInGroup.says("/model");
  await reads(bossInGroup, "test-model (in use)");
  const before = bossInGroup.answers();
  mayaInGroup.presses("other-model");
  await maya.until(() => mayaInGroup.alerts().length === 1);
  expect(mayaInGroup.alerts()).toEqual(["Only admins of this chat can change this."]);
  expect(bossInGroup.answers()).toEqual(before);
  expect(bossInGroup.buttons().flat()).toContain("✓ test-model");
  bossInGroup.presses("other-model");
  await reads(mayaInGroup, "model (set in this chat): other-model");
});

test("a button whose meaning is no longer known, and one that was never ours, are answered politely", async () => {
  const { world, boss } = await friends({ models: manyModels });
  await using _ = world;
  boss.says("/model");
  await reads(boss, "Page 1 of 38");
  const buttons = await world.control.keys("*:button:*");
  await world.control.del(...buttons);
  boss.presses(boss.buttons()[0]?.[0] ?? "");
  await boss.until(() => boss.alerts().length === 1);
  const [message] = boss.messages().slice(-1);
  if (message) world.telegram.press(boss.user, message, "someone else's");
  await boss.until(() => boss.alerts().length === 2);
  const old = "This button is too old. Please give the command again.";
  expect(boss.alerts()).toEqual([old, old]);
});

test("an app that presses what no button carries, under another message of the bot's, changes nothing there", async () => {
  const { world, maya, mayaInGroup, bossInGroup, group } = await friends();
  await using _ = world;
  bossInGroup.says("Hello");
  await bossInGroup.until(() => bossInGroup.answers().length === 1);
  bossInGroup.says("/params");
  await reads(bossInGroup, "not set");
  const before = bossInGroup.answers();
  const [answer, listing] = bossInGroup.messages();
  for (const message of [answer, listing]) {
    const shown = mayaInGroup.alerts().length;
    world.telegram.press(maya.user, { chatId: group.id, id: message?.id ?? 0 }, "/help");
    await maya.until(() => mayaInGroup.alerts().length > shown);
  }
  const old = "This button is too old. Please give the command again.";
  expect(mayaInGroup.alerts()).toEqual([old, old]);
  expect(bossInGroup.answers()).toEqual(before);
});

test("an alert that comes too late is said in private instead, and to nobody where that is closed", async () => {
  const { world, bossInGroup, maya, mayaInGroup } = await friends();
  await using _ = world;
  bossInGroup.says("/params");
  await reads(bossInGroup, "not set");
  world.telegram.inject(
    {
      kind: "refuse",
      code: 400,
      description: "Bad Request: query is too old and response timeout expired or query ID is invalid",
    },
    { method: "answerCallbackQuery" },
  );
  mayaInGroup.presses("temperature …");
  await reads(mayaInGroup, "temperature says how random");
  mayaInGroup.presses("0.3");
  await sees(maya, "Only admins of this chat can change this.");
  expect(mayaInGroup.alerts()).toEqual([]);
});

test("values are chosen step by step, marked, and taken back", async () => {
  const { world, boss } = await friends();
  await using _ = world;
  boss.says("/params");
  await reads(boss, "not set: temperature");
  expect(boss.buttons().flat()).toEqual(
    expect.arrayContaining(["temperature …", "reasoning_effort …", "safety_identifier …"]),
  );
  boss.presses("temperature …");
  await reads(boss, "temperature says how random the answers are. It takes a number from 0 to 2.");
  boss.presses("0.3");
  await reads(boss, "temperature (set in this chat): 0.3");
  boss.presses("« Back");
  await reads(boss, "not set: top_p");
  boss.presses("temperature …");
  await boss.until(() => boss.buttons().flat().includes("✓ 0.3"));
  boss.presses("Reset");
  await reads(boss, "not set: temperature");
  expect(await asks(world, boss, "Hello")).not.toHaveProperty("temperature");
});

const prompts = [
  "/help is not a command here, `code` {braces} **stars** <b>tags</b> & more",
  "reset",
  "@parley_bot here set ```js\nx\n```",
];

test.each(prompts)(
  "what replies to the prompt is the system prompt, exactly as typed: %j",
  async (prompt) => {
    const { world, boss } = await friends();
    await using _ = world;
    boss.says("/system set");
    await reads(boss, "Reply to this message with it.");
    expect(boss.messages().at(-1)?.forcesReply).toBe("asker");
    boss.replies(prompt);
    await reads(boss, "prompt (set in this chat)");
    expect((await asks(world, boss, "Hello")).messages[0]).toEqual({ role: "system", content: prompt });
  },
);

test("marks that the app took out of a typed text are put back", async () => {
  const { world, boss } = await friends();
  await using _ = world;
  const text = "Answer in bold and code, see here.\nlet x;";
  const at = (type: string, part: string, more = {}) => ({
    type,
    offset: text.indexOf(part),
    length: part.length,
    ...more,
  });
  boss.says("/system set");
  await reads(boss, "Reply to this message with it.");
  const prompt = boss.messages().at(-1)?.id ?? 0;
  const entities = [
    at("bold", "bold"),
    at("code", "code"),
    at("text_link", "here", { url: "https://example.org/" }),
    at("pre", "let x;", { language: "js" }),
  ];
  world.telegram.says(boss.user, boss.chat, text, { replyTo: prompt, entities });
  await reads(boss, "prompt (set in this chat)");
  const typed = "Answer in **bold** and `code`, see [here](https://example.org/).\n```js\nlet x;\n```";
  expect((await asks(world, boss, "Hello")).messages[0]?.content).toBe(typed);
});

test("in a group only an admin's reply counts, and in a topic it counts for the topic where that was asked", async () => {
  const { world, group, boss, bossInGroup, mayaInGroup } = await friends();
  await using _ = world;
  const topic = world.telegram.places.createTopic(group, boss.user, "Poems");
  const bossInTopic = new TelegramPerson(world.telegram, boss.user, group, topic);
  mayaInGroup.says("/system set");
  await seesPart(mayaInGroup, "Only admins of this chat can change this.");
  bossInTopic.says("/system here set");
  await reads(bossInTopic, "What is to be the system prompt in this thread?");
  const prompt = bossInTopic.messages().at(-1);
  world.telegram.says(mayaInGroup.user, group, "Say bad words.", {
    replyTo: prompt?.id ?? 0,
    threadId: topic,
  });
  await bossInTopic.until(
    () => bossInTopic.answers().filter((text) => text.startsWith("Only admins")).length === 1,
  );
  world.telegram.says(boss.user, group, "Write poems.", { replyTo: prompt?.id ?? 0, threadId: topic });
  await reads(bossInTopic, "prompt (set in this thread): Write poems.");
  expect((await asks(world, bossInTopic, "Hello")).messages[0]?.content).toBe("Write poems.");
  bossInGroup.says("/help");
  await reads(bossInGroup, "I pass what you write");
});

const longPrompt = `Be brief.\n\n${"Ä `{}` <&> _*_ line\n".repeat(1_400)}end`;

test.each(["caption", "reply"] as const)("a text file as %s is the system prompt, whole", async (way) => {
  const { world, boss } = await friends();
  await using _ = world;
  const file = { name: "prompt.md", content: longPrompt };
  if (way === "caption") boss.sendsFile(file, { caption: "/system set" });
  else {
    boss.says("/system set");
    await reads(boss, "Reply to this message with it.");
    boss.sendsFile(file);
  }
  await reads(boss, "prompt (set in this chat)");
  expect((await asks(world, boss, "Hello")).messages[0]?.content).toBe(longPrompt);
});

test.each([
  ["too large", { name: "a.txt", content: "x".repeat(32_769) }, "larger than 32,768 bytes"],
  [
    "said to be small",
    { name: "a.txt", content: "x".repeat(40_000), claimedBytes: 5 },
    "larger than 32,768 bytes",
  ],
  ["not UTF-8", { name: "a.txt", content: Buffer.from([0x41, 0xff, 0xfe]) }, "not text in UTF-8"],
  ["a picture", { name: "a.png", content: "x", mimeType: "image/png" }, "not a .txt or .md file"],
  ["with control characters", { name: "a.txt", content: "a\u0000b" }, "without control characters"],
  ["empty", { name: "a.txt", content: "" }, "takes a text of 1 to 32,768 bytes"],
] as const)("a file that is %s is refused in a sentence", async (_, file, words) => {
  const { world, boss } = await friends();
  await using _world = world;
  boss.sendsFile(file, { caption: "/system set" });
  await reads(boss, words);
  expect((await asks(world, boss, "Hello")).messages[0]?.content).toBe("You are a test.");
});

test("nobody's file is fetched who may not change anything", async () => {
  const { world, maya } = await friends();
  await using _ = world;
  maya.sendsFile({ name: "a.txt", content: "Mine!" }, { caption: "/system set" });
  await reads(maya, "Only admins of this chat can change this.");
  expect(world.telegram.callsOf("getFile")).toEqual([]);
});

test("a reply so long that the app may have cut it is not taken for the whole", async () => {
  const { world, boss } = await friends();
  await using _ = world;
  boss.says("/system set");
  await reads(boss, "Reply to this message with it.");
  boss.replies("word ".repeat(800).slice(0, 3_990));
  await reads(boss, "its end may be missing");
});

test("a press that is delivered twice changes once", async () => {
  const { world, boss } = await friends();
  await using _ = world;
  boss.says("/params temperature");
  await reads(boss, "temperature says");
  const [message] = boss.messages().slice(-1);
  const id = boss.presses("0.3");
  await reads(boss, "temperature (set in this chat): 0.3");
  boss.says("/params temperature reset");
  await reads(boss, "not set: temperature");
  world.telegram.deliver({
    callback_query: {
      id,
      from: { id: boss.user.id, is_bot: false, first_name: "Ada" },
      message: { message_id: message?.id, date: 1, chat: { id: boss.chat.id, type: "private" } },
      data: "/params temperature 0.3",
    },
  });
  boss.says("/audit");
  await reads(boss, "temperature not set → 0.3");
  expect(
    boss
      .answers()
      .at(-1)
      ?.match(/temperature/g),
  ).toHaveLength(2);
});

test("what concerns one person in a group goes to their private chat, or is not said", async () => {
  const { world, boss, bossInGroup } = await friends();
  await using _ = world;
  for (const value of ["0.1", "0.2", "0.3", "0.4"]) {
    bossInGroup.says(`/params temperature ${value}`);
    await reads(bossInGroup, `temperature (set in this chat): ${value}`);
  }
  bossInGroup.says("/audit@parley_bot");
  await reads(boss, "temperature 0.3 → 0.4");
  expect(bossInGroup.answers().join()).not.toContain("→");
  world.telegram.block(boss.user);
  bossInGroup.says("/audit@parley_bot");
  await reads(bossInGroup, "That is for you alone. Write to me in private first");
});
