import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { readsUpTo, wordsOf } from "../world/growing.ts";
import { sees, seesPart } from "../world/person.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld, type World, type WorldOptions } from "../world/world.ts";

const text = numberedText(40);

/** A world whose Telegram shows answers as drafts while they are written. */
function startDraftWorld(options: WorldOptions = {}): Promise<World> {
  const variables = { TELEGRAM_STREAMING: "draft", ...options.variables };
  return startWorld({ platforms: ["telegram"], ...options, variables });
}

/** Says "Hello" and reads `told` in the draft up to this word, where the model holds on. @returns the question */
async function readsDraftUpTo(world: World, person: TelegramPerson, told: string, word: number) {
  world.model.answerWith(told);
  world.model.hold(word);
  const question = person.says("Hello");
  const draft = () => world.telegram.drafts.in(person.chat)?.text ?? "";
  await person.until(() => draft().includes(`word${word}`));
  return question;
}

test.concurrent("an answer grows in one draft and is posted once, when it is whole", async () => {
  await using world = await startDraftWorld();
  const person = world.telegramPerson();
  const question = await readsDraftUpTo(world, person, text, 20);
  expect(world.telegram.drafts.in(person.chat)).toMatchObject({
    draftId: String(question.id),
    canStop: true,
  });
  expect(person.answers()).toEqual([]);
  world.model.release();
  await sees(person, text);
  await world.isQuiet();
  expect(world.telegram.drafts.in(person.chat)).toBeUndefined();
  expect(world.telegram.callsOf("sendMessage")).toHaveLength(1);
  expect(world.telegram.callsOf("editMessageText")).toEqual([]);
  const ids = world.telegram.callsOf("sendMessageDraft").map(({ payload }) => payload.draft_id);
  expect(new Set(ids)).toEqual(new Set([question.id]));
});

test.concurrent("the draft's stop button ends the model's call, and what there is is posted", async () => {
  await using world = await startDraftWorld();
  const person = world.telegramPerson();
  await readsDraftUpTo(world, person, text, 20);
  world.telegram.drafts.pressesStop(person.chat);
  await world.model.hasAborted();
  await seesPart(person, "[stopped]");
  await world.isQuiet();
  expect(person.answers()).toHaveLength(1);
  expect(person.answers()[0]).toMatch(/^word1 .*word20\s+\[stopped\]$/s);
});

test.concurrent("in a topic the stop button ends the answer there, and not the one beside it", async () => {
  await using world = await startDraftWorld();
  world.model.answerWith(text);
  world.model.hold(20);
  const { telegram } = world;
  const beside = world.telegramPerson();
  const topic = telegram.places.createTopic(beside.chat, beside.user, "Cats");
  const person = new TelegramPerson(telegram, beside.user, beside.chat, topic);
  beside.says("Hello");
  person.says("Hello there");
  const showsDraft = (threadId?: number) =>
    telegram.drafts.in(beside.chat, threadId)?.text.includes("word20");
  await telegram.until(() => showsDraft() && showsDraft(topic));
  telegram.drafts.pressesStop(beside.chat, topic);
  await seesPart(person, "[stopped]");
  world.model.release();
  await seesPart(beside, "word40");
  await world.isQuiet();
  expect(person.answers()).toHaveLength(1);
  expect(beside.answers().filter((answer) => answer.includes("[stopped]"))).toHaveLength(1);
});

test.concurrent("the stop button ends its own answer and leaves the next question alone", async () => {
  await using world = await startDraftWorld();
  const person = world.telegramPerson();
  await readsDraftUpTo(world, person, text, 20);
  person.says("And now?");
  await world.hasWaiting(2);
  world.telegram.drafts.pressesStop(person.chat);
  await seesPart(person, "[stopped]");
  world.model.release();
  await world.isQuiet();
  expect(person.answers()).toHaveLength(2);
  expect(person.answers()[1]).toBe(text);
});

test.concurrent("a draft stays while the model is silent, though it fades by itself", async () => {
  // No preview follows another one within 1.1 s, so three of them outlast the draft.
  const timing = { draftRefreshMs: 500 };
  await using world = await startDraftWorld({ timing, telegram: { draftMs: 2_500 } });
  const person = world.telegramPerson();
  await readsDraftUpTo(world, person, text, 20);
  let faded = false;
  const end = world.telegram.onChange(() => {
    faded ||= world.telegram.drafts.in(person.chat) === undefined;
  });
  const calls = () => world.telegram.callsOf("sendMessageDraft");
  const before = calls().length;
  await person.until(() => calls().length >= before + 3);
  end();
  expect(faded).toBe(false);
  expect(
    new Set(
      calls()
        .slice(before)
        .map(({ payload }) => payload.text),
    ).size,
  ).toBe(1);
  world.model.release();
  await sees(person, text);
});

test.concurrent("what outgrows the draft is posted page by page, the draft shows the rest", async () => {
  await using world = await startDraftWorld();
  const long = numberedText(1_500);
  const person = world.telegramPerson();
  await readsDraftUpTo(world, person, long, 900);
  expect(person.answers()).toHaveLength(1);
  expect(person.answers()[0]).toMatch(/^word1 word2 /);
  expect(world.telegram.drafts.in(person.chat)?.text).not.toContain("word1 word2 ");
  world.model.release();
  await seesPart(person, "word1500");
  await world.isQuiet();
  expect(wordsOf(person.answers())).toEqual(long.split(" "));
});

const refusals = {
  "a chat that takes none": { code: 400, description: "Bad Request: TEXTDRAFT_PEER_INVALID" },
  "a server that knows none": { code: 404, description: "Not Found" },
} as const;

test.concurrent.for(Object.keys(refusals) as (keyof typeof refusals)[])(
  "drafts refused by %s: that answer is posted and edited",
  async (name) => {
    await using world = await startDraftWorld();
    world.telegram.inject({ kind: "refuse", ...refusals[name] }, { method: "sendMessageDraft", times: 9 });
    const person = world.telegramPerson();
    await readsUpTo(world, person, text, 20);
    world.model.release();
    await sees(person, text);
    await world.isQuiet();
    expect(world.telegram.callsOf("sendMessageDraft")).toHaveLength(1);
    expect(world.telegram.callsOf("editMessageText").length).toBeGreaterThan(0);
  },
);

test.concurrent("a 429 of drafts holds back drafts and nothing else", async () => {
  await using world = await startDraftWorld();
  world.telegram.inject({ kind: "limit", retryAfterS: 30 }, { method: "sendMessageDraft" });
  world.model.answerWith(text, { firstTokenMs: 0, tokenMs: 20 });
  const person = world.telegramPerson();
  person.says("Hello");
  await sees(person, text);
  await world.isQuiet();
  expect(world.telegram.callsOf("sendMessageDraft")).toHaveLength(1);
  expect(world.telegram.callsOf("sendMessage")).toHaveLength(1);
});

test.concurrent("an answer that is finished before its first words are due is posted without a draft", async () => {
  await using world = await startDraftWorld({ timing: { firstWordsMs: 5_000 } });
  world.model.answerWith("Short.");
  const person = world.telegramPerson();
  person.says("Hello");
  await sees(person, "Short.");
  await world.isQuiet();
  expect(world.telegram.callsOf("sendMessageDraft")).toEqual([]);
});

test.concurrent("groups have edits", async () => {
  await using world = await startDraftWorld();
  const ada = world.telegram.createUser({ firstName: "Ada" });
  const group = world.telegram.createGroup({ title: "Engines", members: [ada] });
  world.model.answerWith(text);
  world.model.hold(20);
  world.telegram.says(ada, group, "Hello", { mentionBot: true });
  const answers = () => world.telegram.visible(group).filter(({ from }) => from.isBot);
  await world.telegram.until(() => answers().some((answer) => answer.text.includes("word20")));
  world.model.release();
  await world.telegram.until(() => answers().some((answer) => answer.text === text));
  await world.isQuiet();
  expect(world.telegram.callsOf("sendMessageDraft")).toEqual([]);
});

test.concurrent("the typing sign is not renewed while a draft shows", async () => {
  await using world = await startDraftWorld();
  const person = world.telegramPerson();
  await readsDraftUpTo(world, person, text, 20);
  const typed = world.telegram.callsOf("sendChatAction").length;
  world.model.release();
  await sees(person, text);
  await world.isQuiet();
  expect(world.telegram.callsOf("sendChatAction")).toHaveLength(typed);
});
