/**
 * How soon Parley reacts where people wait for it to notice something, with the true waits: `node bench/reactions.ts`, under
 * two minutes. From the last part of what belongs together to the model's call; from a deleted question to the end of the
 * model's call, as the chat API sees it.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { numberedText } from "../simulator/model/script.ts";
import { timing } from "../src/core/timing.ts";
import { startWorld, type World } from "../test/world/world.ts";
import { spread, toTable } from "./figures.ts";

const samples = 20;

/** One after the other, each at another point of Parley's looks. */
async function times(measure: (number: number) => Promise<number>): Promise<readonly number[]> {
  const ms: number[] = [];
  for (let number = 0; number < samples; number += 1) {
    await sleep(Math.random() * timing.partLookMs);
    ms.push(await measure(number));
  }
  return ms;
}

/** The ms until the model's next request, from now. */
async function untilAsked({ model }: World, begin: () => void): Promise<number> {
  const count = model.received() + 1;
  const beganAt = performance.now();
  begin();
  await model.hasReceived(count);
  return performance.now() - beganAt;
}

const cutText = Array.from({ length: 180 }, (_, line) => `Line ${line}: what somebody has pasted.`).join(
  "\n",
);

async function ofParts(world: World): Promise<readonly (readonly string[])[]> {
  world.model.answerWith("Read.");
  const { telegram } = world;
  const people = Array.from({ length: samples }, () => world.telegramPerson());
  const shortEnd = await times((number) => {
    const { user, chat } = people[number]!;
    return untilAsked(world, () => void telegram.says(user, chat, cutText));
  });
  const openEnd = await times((number) => {
    const { user, chat } = people[number]!;
    // As long as an app's pieces are: more may come.
    return untilAsked(world, () => void telegram.says(user, chat, "word ".repeat(800)));
  });
  return [
    ["a text in pieces, the last one short → the model's call", spread(shortEnd)],
    [`a piece that may not be the last (waits ${timing.textPartMs} ms)`, spread(openEnd)],
  ];
}

async function ofDeletions(world: World): Promise<readonly string[]> {
  const { slack, model } = world;
  model.answerWith({ text: numberedText(2_000), pace: { firstTokenMs: 0, tokenMs: 20 } });
  const ms = await times(async () => {
    const person = world.slackPerson();
    const ts = person.says("Hello");
    await person.until(() => person.answers().length > 0);
    const count = model.requests.length;
    const deletedAt = Date.now();
    slack.people.deletes(person.channel, ts);
    while (model.requests[count - 1]?.abortedAtMs === undefined) await sleep(1);
    return (model.requests[count - 1]?.abortedAtMs ?? Number.NaN) - deletedAt;
  });
  return ["a question deleted on Slack → the model's call ended (aim: 2 s)", spread(ms)];
}

await using world = await startWorld({ timing });
const rows = [...(await ofParts(world)), await ofDeletions(world)];
process.stdout.write(`${toTable([["from → to", "time"], ...rows])}\n`);
