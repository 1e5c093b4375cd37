/** Platforms that fail or refuse for a while: answers wait, others go on, the model is asked once. */

import { expect, test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { readsUpTo } from "../world/growing.ts";
import { sees, seesPart } from "../world/person.ts";
import { answerToText, startWorld, type World } from "../world/world.ts";

const platforms = ["telegram", "slack"] as const;
type Platform = (typeof platforms)[number];

/** The next `times` edits end in a gateway's 502. */
function breakEdits(world: World, platform: Platform, times: number): void {
  if (platform === "telegram")
    world.telegram.inject({ kind: "status", status: 502 }, { method: "editMessageText", times });
  else world.slack.faults.next("chat.update", { kind: "http", status: 502 }, { times });
}

test.concurrent.for(platforms)(
  "%s fails for a while: the whole answer stands afterwards",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    const person = world.person(platform);
    await readsUpTo(world, person, numberedText(40), 20);
    breakEdits(world, platform, 12);
    world.model.release();
    await sees(person, numberedText(40));
    await world.isQuiet();
    expect(person.answers()).toEqual([numberedText(40)]);
    expect(world.model.received()).toBe(1);
  },
);

test.concurrent("an answer that waits for its platform occupies no worker", async () => {
  await using world = await startWorld({ platforms: ["telegram"], variables: { CONCURRENCY: "1" } });
  const [ada, bob] = [world.telegramPerson(), world.telegramPerson()];
  world.telegram.inject({ kind: "limit", retryAfterS: 3 }, { method: "sendMessage", chatId: ada.chat.id });
  const refused = () => world.telegram.callsOf("sendMessage").some(({ status }) => status === 429);
  ada.says("first");
  await world.telegram.until(refused);
  bob.says("second");
  await sees(bob, answerToText("second"));
  expect(ada.answers()).toEqual([]);
  await sees(ada, answerToText("first"));
});

test.concurrent("names that Slack does not tell at once delay an answer and do no more", async () => {
  await using world = await startWorld({ platforms: ["slack"] });
  world.slack.faults.next("users.info", { kind: "error", code: "internal_error" }, { times: 2 });
  world.slack.faults.next("users.info", { kind: "limited", retryAfterS: 1 });
  const person = world.slackPerson();
  person.says("Hello");
  await sees(person, answerToText("Hello"));
  expect(world.model.received()).toBe(1);
});

test.concurrent.for(platforms)(
  "a fresh start during an answer forgets that answer, too, on %s",
  async (platform) => {
    await using world = await startWorld({ platforms: [platform] });
    world.model.hold(1);
    const person = world.person(platform);
    person.says("a secret");
    await world.model.hasSent(1);
    person.says(platform === "telegram" ? "/new" : "!new");
    await seesPart(person, "Started afresh");
    world.model.release();
    await seesPart(person, answerToText("a secret"));
    person.says("What do you know?");
    await seesPart(person, "What do you know");
    expect(world.model.requests.at(-1)?.messages.map(({ content }) => content)).toEqual([
      "You are a test.",
      "What do you know?",
    ]);
  },
);

test.concurrent.for(platforms)("a refused busy sign holds no answer up on %s", async (platform) => {
  await using world = await startWorld({ platforms: [platform] });
  if (platform === "telegram")
    world.telegram.inject({ kind: "status", status: 502 }, { method: "sendChatAction", times: 5 });
  else
    world.slack.faults.next(
      "assistant.threads.setStatus",
      { kind: "error", code: "internal_error" },
      { times: 5 },
    );
  const person = world.person(platform);
  person.says("Hello");
  await sees(person, answerToText("Hello"));
});
