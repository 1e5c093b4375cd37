import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openWorld } from "../../playground/world.ts";
import { temporaryFolder } from "../launch/temporary.ts";

const quiet = () => undefined;

test("a second world in the same folder has the same people, rooms and messages", async () => {
  const folder = temporaryFolder();
  const first = await openWorld(folder, quiet);
  expect(first.isRestored).toBe(false);
  const { cast } = first;
  first.telegram.says(first.telegram.user(cast.telegram.private), { id: cast.telegram.private }, "Hello");
  first.slack.says(cast.slack.people[0] ?? "", cast.slack.channel, "Good morning");
  await first[Symbol.asyncDispose]();
  await using second = await openWorld(folder, quiet);
  expect(second.isRestored).toBe(true);
  expect(second.cast).toEqual(cast);
  expect(second.telegram.token).toBe(first.telegram.token);
  expect(second.slack.teamId).toBe(first.slack.teamId);
  expect(second.telegram.visible({ id: cast.telegram.private }).map(({ text }) => text)).toEqual(["Hello"]);
  expect(second.telegram.pendingUpdates).toHaveLength(1);
  expect(second.slack.visible(cast.slack.channel).map(({ text }) => text)).toEqual(["Good morning"]);
});

test("a new message is in the file at once, so that a killed playground gives no id out twice", async () => {
  const folder = temporaryFolder();
  await using world = await openWorld(folder, quiet);
  const { telegram, slack, cast } = world;
  const saved = () => readFileSync(join(folder, "playground.json"), "utf8");
  telegram.says(telegram.user(cast.telegram.private), { id: cast.telegram.private }, "In Telegram");
  expect(saved()).toContain("In Telegram");
  slack.says(cast.slack.people[0] ?? "", cast.slack.dm, "In Slack");
  expect(saved()).toContain("In Slack");
});

test("how often an answer was edited is kept, what it looked like before is not", async () => {
  const folder = temporaryFolder();
  const first = await openWorld(folder, quiet);
  const { slack, cast } = first;
  const ts = slack.says(cast.slack.people[0] ?? "", cast.slack.dm, "an early look");
  slack.people.edits(cast.slack.dm, ts, "the last look");
  await first[Symbol.asyncDispose]();
  expect(readFileSync(join(folder, "playground.json"), "utf8")).not.toContain("an early look");
  await using second = await openWorld(folder, quiet);
  expect(second.slack.history(cast.slack.dm, ts).map(({ seen }) => seen)).toEqual(["", "the last look"]);
});

test("a file that cannot be read is set aside and said, and the new world has another bot", async () => {
  const folder = temporaryFolder();
  const first = await openWorld(folder, quiet);
  await first[Symbol.asyncDispose]();
  writeFileSync(join(folder, "playground.json"), '{"v":1,');
  const said: string[] = [];
  await using second = await openWorld(folder, (sentence) => said.push(sentence));
  expect(second.isRestored).toBe(false);
  expect(said.join()).toContain("playground.json.unreadable");
  expect(existsSync(join(folder, "playground.json.unreadable"))).toBe(true);
});
