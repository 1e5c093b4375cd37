/** Model, system prompt and parameters by command: who may, what is seen, what the model is asked then. */

import { describe, expect, test } from "vitest";
import { faults } from "../../simulator/model/faults.ts";
import { numberedText } from "../../simulator/model/script.ts";
import { startGoverned } from "../world/governed.ts";
import { becomesOwner } from "../world/owner.ts";
import { asks, platforms, reads, stage } from "../world/stage.ts";
import { TelegramPerson } from "../world/telegram-person.ts";
import { startWorld } from "../world/world.ts";

describe.each(platforms)("on %s", (platform) => {
  test("everybody sees the model and where it comes from, with those there are", async () => {
    await using at = await stage(platform);
    const person = at.world.person(platform);
    at.commands(person, "model");
    await reads(person, "model (as configured): test-model");
    await reads(person, "test-model (in use)");
  });

  test("only an admin changes it, and what they see is what counts from the next answer on", async () => {
    await using at = await stage(platform);
    const { world, owner } = at;
    const person = world.person(platform);
    at.commands(person, "model other-model");
    await reads(person, "Only admins of this chat can change this.");
    at.commands(owner, "model other-model");
    await reads(owner, "model (set in this chat): other-model");
    const checked = world.model.requests.at(-1)?.body;
    expect(checked).toMatchObject({ model: "other-model", max_completion_tokens: 1 });
    expect(await asks(world, owner, "Hello")).toMatchObject({ model: "other-model" });
    expect(await asks(world, person, "Hello")).toMatchObject({ model: "test-model" });
  });

  test("a running answer keeps the model it began with", async () => {
    await using at = await stage(platform);
    const { world, owner } = at;
    world.model.answerWith(({ body }) =>
      body.model === "other-model" && body.max_completion_tokens === 1 ? "Hi." : numberedText(30),
    );
    world.model.hold(5);
    owner.says("Count");
    await world.model.hasSent(5);
    at.commands(owner, "model other-model");
    // The check's one token is let go with the rest.
    await world.model.hasReceived(2);
    world.model.release();
    await reads(owner, "model (set in this chat): other-model");
    await reads(owner, "word30");
    expect(world.model.requests.map(({ model }) => model)).toEqual(["test-model", "other-model"]);
  });

  test("a model that does not answer is not set, and its cause is told", async () => {
    await using at = await stage(platform);
    const { world, owner } = at;
    const notFound = {
      kind: "status",
      status: 404,
      body: { error: { message: "no", type: "invalid_request_error", code: "model_not_found", param: null } },
    } as const;
    world.model.answerWith(({ body }) => (body.model === "test-modle" ? { fault: notFound } : "Hi."));
    at.commands(owner, "model test-modle");
    await reads(owner, "The server does not know test-modle. Nothing was changed. Like it: test-model");
    expect(await asks(world, owner, "Hello")).toMatchObject({ model: "test-model" });
  });

  test("a system prompt arrives as it was written, and its values stand in the last line", async () => {
    await using at = await stage(platform);
    const { world, owner } = at;
    const prompt = "Be `brief`; {braces} stay, *stars* & <tags> too.\nAnd a second line.";
    at.commands(owner, `system set ${prompt}`);
    await reads(owner, "Be `brief`; {braces} stay, *stars* & <tags> too.");
    expect((await asks(world, owner, "Hello")).messages[0]).toEqual({ role: "system", content: prompt });
    at.commands(owner, "system values date");
    await reads(owner, "values (set in this chat): date");
    const [system] = (await asks(world, owner, "Hello again")).messages;
    expect(system?.content).toMatch(/^Be `brief`;[^[]+And a second line\.\n\n\[date: \d{4}-\d{2}-\d{2}\]$/);
    at.commands(owner, "system reset");
    await reads(owner, "prompt (as configured): You are a test.");
    expect((await asks(world, owner, "Hello?")).messages[0]?.content).toBe("You are a test.");
  });

  test("parameters are sent, refused values are explained, reset takes them back", async () => {
    await using at = await stage(platform);
    const { world, owner } = at;
    at.commands(owner, "params temperature 3");
    await reads(owner, "temperature takes a number from 0 to 2. Nothing was changed.");
    at.commands(owner, "params temperature 0.3");
    await reads(owner, "temperature (set in this chat): 0.3");
    at.commands(owner, 'params stop ["END"]');
    await reads(owner, 'stop (set in this chat): ["END"]');
    expect(await asks(world, owner, "Hello")).toMatchObject({ temperature: 0.3, stop: ["END"] });
    at.commands(owner, "params reset");
    await reads(owner, "not set: temperature");
    expect(await asks(world, owner, "Hello?")).not.toHaveProperty("temperature");
  });

  test("a parameter that the model refuses is told once at the answer's end and not sent again", async () => {
    await using at = await stage(platform);
    const { world, owner } = at;
    at.commands(owner, "params seed 7");
    await reads(owner, "seed (set in this chat): 7");
    world.model.answerWith({ text: "Fine.", habits: { refuses: ["seed"] } });
    owner.says("Hello");
    await reads(owner, "Fine.");
    await reads(owner, "The model does not take seed");
    owner.says("And now?");
    await owner.until(() => owner.answers().at(-1) === "Fine.");
    expect(world.model.requests.map(({ body }) => body.seed)).toEqual([7, undefined, undefined]);
  });

  test("what was changed is recorded, and taken back one by one; who may not is told nothing of it", async () => {
    await using at = await stage(platform);
    const { world, owner } = at;
    const person = world.person(platform);
    at.commands(owner, "params temperature 0.3");
    await reads(owner, "temperature (set in this chat): 0.3");
    at.commands(owner, "params temperature 1");
    await reads(owner, "temperature (set in this chat): 1");
    at.commands(owner, "undo");
    await reads(owner, "Taken back: params temperature is 0.3 again (it was 1).");
    at.commands(owner, "params temperature 0.3");
    await reads(owner, "It is so already; nothing was changed.");
    at.commands(owner, "audit");
    await reads(owner, "temperature 1 → 0.3 (undo)");
    for (const command of ["audit", "undo"]) {
      at.commands(person, command);
      await reads(person, `I do not know the command ${command}`);
    }
  });
});

test("what was written for a model's name is shown, and does nothing", async () => {
  await using at = await stage("slack");
  const { world, owner } = at;
  world.model.answerWith({ fault: faults.modelNotFound() });
  at.commands(owner, "model a`[x](https://evil.test) <!channel>");
  await reads(owner, "The server does not know a [x](https://evil.test) <!channel>. Nothing was changed.");
});

test("a long prompt is cut short where it is listed, never within a character", async () => {
  await using at = await stage("telegram");
  const { owner } = at;
  at.commands(owner, `system set ${"a".repeat(59)}😀 and more`);
  await reads(owner, "Changed");
  at.commands(owner, "audit");
  await reads(owner, `system prompt not set → ${"a".repeat(59)}…`);
});

test.each(platforms)(
  "a command is answered while every slot waits for the model, on %s",
  async (platform) => {
    await using at = await startGoverned(platform, { variables: { CONCURRENCY: "1" } });
    const { world, owner } = at;
    const [first, second] = [at.person(), at.person()];
    world.model.hold(0);
    first.says("Hello");
    await world.model.hasReceived(1);
    second.says("Hello");
    at.commands(owner, "params temperature 1");
    await reads(owner, "temperature (set in this chat): 1");
    at.commands(second, "status");
    await reads(second, "model (as configured)");
    expect(world.model.received()).toBe(1);
    world.model.release();
    await world.isQuiet();
  },
);

test("what is set everywhere counts in every chat that has nothing of its own", async () => {
  await using at = await stage("telegram");
  const { world, owner } = at;
  const person = world.telegramPerson();
  at.commands(owner, "params temperature 1");
  await reads(owner, "(set in this chat): 1");
  at.commands(owner, "params everywhere temperature 0");
  await reads(owner, "Here something else is set in this chat, and that counts.");
  expect(await asks(world, owner, "Hello")).toMatchObject({ temperature: 1 });
  expect(await asks(world, person, "Hello")).toMatchObject({ temperature: 0 });
  at.commands(person, "params");
  await reads(person, "temperature (set everywhere): 0");
});

test("what is set for a Slack workspace counts in all its chats; Telegram has none", async () => {
  await using onSlack = await stage("slack");
  onSlack.commands(onSlack.owner, "params workspace temperature 0");
  await reads(onSlack.owner, "temperature (set in this workspace): 0");
  const person = onSlack.world.slackPerson();
  expect(await asks(onSlack.world, person, "Hello")).toMatchObject({ temperature: 0 });
  await using onTelegram = await stage("telegram");
  onTelegram.commands(onTelegram.owner, "params workspace temperature 0");
  await reads(onTelegram.owner, "There is no workspace here");
});

test("an offer of models limits the choice, also an admin's own", async () => {
  await using at = await stage("telegram");
  const { world, owner } = at;
  at.commands(owner, "model everywhere offer test-* gpt-?");
  await reads(owner, "takes up to 20 names");
  at.commands(owner, "model everywhere offer test-*");
  await reads(owner, "offer (set everywhere): test-*");
  at.commands(owner, "model other-model");
  await reads(owner, "other-model is not among the models that an admin offers here.");
  expect(world.model.received()).toBe(0);
});

test("in a Slack thread `here` means the thread, and a slash command cannot tell which", async () => {
  await using at = await stage("slack");
  const { world, owner } = at;
  at.commands(owner, "params here temperature 0.1");
  await reads(owner, "temperature (set in this thread): 0.1");
  expect(await asks(world, owner, "Hello")).toMatchObject({ temperature: 0.1 });
});

test("an admin's command in a group changes it for everybody there", async () => {
  await using world = await startWorld({ platforms: ["telegram"] });
  const [boss, ada] = ["Boss", "Ada"].map((firstName) => world.telegram.createUser({ firstName }));
  if (!boss || !ada) throw new Error("Nobody is there");
  await becomesOwner(world, new TelegramPerson(world.telegram, boss), "/");
  const group = world.telegram.createGroup({ title: "Friends", members: [boss, ada] });
  const [theBoss, theOther] = [boss, ada].map((user) => new TelegramPerson(world.telegram, user, group));
  if (!theBoss || !theOther) throw new Error("Nobody is there");
  theOther.says("/params temperature 2");
  await reads(theOther, "Only admins of this chat can change this.");
  theBoss.says("/params temperature 0.2");
  await reads(theOther, "temperature (set in this chat): 0.2");
  expect(await asks(world, theOther, "Hello")).toMatchObject({ temperature: 0.2 });
});

test("a parameter that a model refuses is not sent to it by the next process either", async () => {
  await using at = await stage("telegram");
  const { world, owner } = at;
  at.commands(owner, "params seed 7");
  await reads(owner, "seed (set in this chat): 7");
  world.model.answerWith({ text: "Fine.", habits: { refuses: ["seed"] } });
  owner.says("Hello");
  await reads(owner, "The model does not take seed");
  await world.isQuiet();
  await world.service?.[Symbol.asyncDispose]();
  await world.startInside();
  await world.isConnected();
  const number = world.model.received() + 1;
  owner.says("Hello again");
  const { body } = await world.model.hasReceived(number);
  expect(body).not.toHaveProperty("seed");
  await owner.until(() => owner.answers().includes("Fine."));
  await world.turnsAreOver();
});
