/** Gateways that die between Redis and the platform, or take over from each other: nothing is lost, nothing comes twice. */

import { expect, test } from "vitest";
import { everyAnswerOnce } from "../world/every-answer-once.ts";
import { sees } from "../world/person.ts";
import { createRandom } from "../world/random.ts";
import { isCallOf } from "../world/scripts.ts";
import { answerToText } from "../world/world.ts";
import { createWorlds } from "../world/worlds.ts";

const worlds = createWorlds();

const ways = {
  "Telegram by polling": { platforms: ["telegram"] },
  "Telegram by webhook": { platforms: ["telegram"], telegramBy: "webhook" },
  "Slack by socket": { platforms: ["slack"] },
  "Slack by HTTP": {
    platforms: ["slack"],
    slackBy: "http",
    // So patient that on a busy machine, too, it hears what it is answered.
    slack: { socketTiming: { ackMs: 10_000, retryDelaysMs: Array<number>(40).fill(250) } },
  },
} as const;
const slackWays = ["Slack by socket", "Slack by HTTP"] as const;
const patience = { timeout: 180_000 };

test.concurrent.for(
  (Object.keys(ways) as (keyof typeof ways)[]).flatMap((way) =>
    (["before", "after"] as const).map((when) => [way, when] as const),
  ),
)(
  "on %s, a gateway killed %s its write reached Redis, and before it told the platform",
  patience,
  async ([way, when]) => {
    await using world = await worlds.withWorker(ways[way]);
    let gateway = await world.start("gateway");
    await world.isConnected();
    const person = world.person(ways[way].platforms[0]);
    const questions = ["one", "two"];
    for (const question of questions) {
      const reached = gateway.proxy.darkAt(isCallOf("append-message"), when);
      person.says(question);
      await world.within(60_000, `${when} the write`, reached);
      await gateway.process.kill();
      gateway.proxy.reset();
      gateway = await world.start("gateway");
      await sees(person, ...questions.slice(0, questions.indexOf(question) + 1).map(answerToText));
    }
    await everyAnswerOnce(world, [person], questions);
  },
);

test.concurrent.for(["before", "after"] as const)(
  "a gateway that is told to leave in the midst of a batch, %s its write reached Redis, loses nothing of it",
  patience,
  async (when) => {
    await using world = await worlds.withWorker({ platforms: ["telegram"] });
    const people = Array.from({ length: 12 }, () => world.telegramPerson());
    for (const person of people) person.says("one");
    const trapIsSet = Promise.withResolvers<void>();
    world.telegram.inject({ kind: "hold", until: trapIsSet.promise }, { method: "getUpdates" });
    const { process, proxy } = await world.start("gateway");
    const reached = proxy.darkAt(isCallOf("append-message"), when);
    trapIsSet.resolve();
    await world.within(60_000, `${when} the write`, reached);
    await process.terminate();
    expect(process.exitCode).toBe(0);
    expect(world.telegram.pendingUpdates).toHaveLength(people.length);
    await world.start("gateway");
    await everyAnswerOnce(world, people, ["one"]);
  },
);

test.concurrent.for(["killed", "told to leave"] as const)(
  "of two gateways one polls Telegram; when it is %s the other one does",
  patience,
  async (how) => {
    // Long enough that a busy machine does not cost a living process its lease.
    await using world = await worlds.withWorker({ platforms: ["telegram"], timing: { leaseMs: 4_000 } });
    const polling = await world.start("gateway");
    await world.isConnected();
    await world.start("gateway");
    const person = world.telegramPerson();
    person.says("one");
    await sees(person, answerToText("one"));
    if (how === "killed") await polling.process.kill();
    else await polling.process.terminate();
    person.says("two");
    await everyAnswerOnce(world, [person], ["one", "two"]);
    const conflicts = world.telegram.callsOf("getUpdates").filter(({ status }) => status === 409);
    expect(conflicts).toEqual([]);
    expect(polling.process.exitCode).toBe(how === "killed" ? null : 0);
  },
);

test.concurrent(
  "two gateways on Slack share its sockets, and the death of one loses nothing",
  patience,
  async () => {
    await using world = await worlds.withWorker({ platforms: ["slack"] });
    const first = await world.start("gateway");
    await world.start("gateway");
    await world.slack.until(() => world.slack.socketMode.connections.length === 4);
    const people = Array.from({ length: 6 }, () => world.slackPerson());
    for (const person of people) person.says("one");
    await first.process.kill();
    await everyAnswerOnce(world, people, ["one"]);
  },
);

test.concurrent(
  "messages delivered one to five times, in any order, are answered once",
  patience,
  async () => {
    await using world = await worlds.withWorker();
    await world.start("gateway");
    await world.isConnected();
    const random = createRandom(7);
    const [ada, bob] = [world.telegramPerson(), world.slackPerson()];
    const questions = ["one", "two", "three"];
    const say = (question: string) => ({ onTelegram: ada.says(question), onSlack: bob.says(question) });
    world.model.hold(1);
    const first = say("one");
    // What arrives over two sockets in one instant has no order yet; what waits behind an answer has.
    await world.model.hasReceived(2);
    const said = [first, say("two"), say("three")];
    for (const { onTelegram, onSlack } of said) {
      world.telegram.redeliver(onTelegram, Math.floor(random() * 5));
      for (let times = Math.floor(random() * 5); times > 0; times -= 1)
        world.slack.redeliver(bob.channel, onSlack);
    }
    await world.hasWaiting(6);
    world.model.release();
    await everyAnswerOnce(world, [ada, bob], questions);
  },
);

test.concurrent.for(slackWays)(
  "Redis is away when people write on Telegram and %s: nothing is acknowledged, everything is answered afterwards",
  patience,
  async (way) => {
    await using world = await worlds.withWorker({ ...ways[way], platforms: ["telegram", "slack"] });
    await world.start("gateway");
    await world.isConnected();
    const people = [world.telegramPerson(), world.slackPerson()];
    await world.redis.kill();
    for (const person of people) person.says("one");
    await world.slack.until(() => world.slack.deliveries.length >= 2);
    expect(world.slack.deliveries.filter(({ ackedAtMs }) => ackedAtMs !== undefined)).toEqual([]);
    expect(world.telegram.pendingUpdates).toHaveLength(1);
    await world.redis.start();
    await everyAnswerOnce(world, people, ["one"]);
  },
);

test.concurrent.for(slackWays)(
  "a Redis that hangs holds no gateway of Telegram and %s up for longer than it may",
  patience,
  async (way) => {
    await using world = await worlds.withWorker({ ...ways[way], platforms: ["telegram", "slack"] });
    await world.start("gateway");
    await world.isConnected();
    const people = [world.telegramPerson(), world.slackPerson()];
    world.redis.freeze();
    for (const person of people) person.says("one");
    await world.slack.until(() => world.slack.deliveries.length >= 2);
    world.redis.thaw();
    await everyAnswerOnce(world, people, ["one"]);
    const refused = world.slack.deliveries.find(({ ackedAtMs }) => ackedAtMs === undefined);
    // By HTTP it is answered while Slack still waits.
    expect(refused?.status).toBe(way === "Slack by HTTP" ? 503 : undefined);
  },
);
