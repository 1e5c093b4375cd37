/** A whole service whose parties are reached through proxies. */

import { expect, test } from "vitest";
import { startConnectProxy } from "../world/connect-proxy.ts";
import { OutgoingConnections } from "../world/outgoing.ts";
import { sees, seesPart } from "../world/person.ts";
import { startWorld } from "../world/world.ts";

const password = "s3cret-of-the-proxy";

async function startProxies() {
  const [telegram, slack, model] = await Promise.all([
    startConnectProxy(),
    startConnectProxy(),
    startConnectProxy(),
  ]);
  return {
    telegram,
    slack,
    model,
    variables: {
      TELEGRAM_PROXY_URL: telegram.url(`telegram:${password}`),
      SLACK_PROXY_URL: slack.url(`slack:${password}`),
      OPENAI_PROXY_URL: model.url(`model:${password}`),
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([telegram, slack, model].map((proxy) => proxy[Symbol.asyncDispose]()));
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

test("every connection to a party goes through its proxy, and none beside it", async () => {
  await using proxies = await startProxies();
  using outgoing = new OutgoingConnections();
  await using world = await startWorld({ variables: proxies.variables });
  const people = [world.telegramPerson(), world.slackPerson()] as const;
  for (const person of people) {
    person.says("Hello");
    await sees(person, "You said Hello.");
  }
  // More than ten pages, so that a file is uploaded as well; and a slash command, which is answered at an address of its own.
  world.model.answerWith("A sentence that repeats. ".repeat(2_500));
  for (const person of people) {
    person.says("More");
    await seesPart(person, "attached file");
  }
  await world.slack.runsCommand(people[1].user, people[1].channel, "/parley", "help");
  await world.slack.until(() =>
    world.slack.visible(people[1].channel).some(({ text }) => text.includes("/parley")),
  );
  // The sentence that names a file is there before the file.
  await world.turnsAreOver();
  expect(world.files()).toHaveLength(2);

  const known = new Set(
    [proxies.telegram, proxies.slack, proxies.model].flatMap(({ outgoing: own }) => [...own]),
  );
  const [telegram, slack, model] = [world.telegram.url, world.slack.url, world.model.url].map(portOf);
  const beside = outgoing.ports(known);
  for (const port of [telegram, slack, model]) expect(beside).not.toContain(port);
  for (const [name, proxy, port] of [
    ["telegram", proxies.telegram, telegram],
    ["slack", proxies.slack, slack],
    ["model", proxies.model, model],
  ] as const) {
    const tunnel = { host: `127.0.0.1:${port}`, credentials: `${name}:${password}` };
    expect(proxy.asked).toEqual(proxy.asked.map(() => tunnel));
    expect(proxy.asked).not.toEqual([]);
  }
  expect(world.log.join("")).not.toContain(password);
});

test("a tunnel holds nothing back: words are seen while the model still writes", async () => {
  await using proxies = await startProxies();
  await using world = await startWorld({ variables: proxies.variables });
  for (const person of [world.telegramPerson(), world.slackPerson()]) {
    world.model.hold(2);
    person.says("Hello");
    await person.until(() => person.answers().some((answer) => answer.startsWith("You")));
    expect(person.answers()).not.toEqual(["You said Hello."]);
    world.model.release();
    await sees(person, "You said Hello.");
  }
});

test("a tunnel is kept for the next call", async () => {
  await using proxies = await startProxies();
  await using world = await startWorld({ variables: proxies.variables });
  const person = world.telegramPerson();
  const answers = Array.from({ length: 5 }, (_, index) => `You said ${index}.`);
  for (const [index] of answers.entries()) {
    person.says(String(index));
    await sees(person, ...answers.slice(0, index + 1));
  }
  const polls = world.telegram.callsOf("getUpdates").length;
  const calls = world.telegram.calls.length - polls;
  expect(calls).toBeGreaterThan(10);
  // Some calls are made side by side; each answer would else need five.
  expect(proxies.telegram.asked.length).toBeLessThan(10);
  expect(proxies.model.asked.length).toBeLessThan(3);
});

test("proxies that die are named in the log, and what was asked meanwhile is answered when they are back", async () => {
  await using proxies = await startProxies();
  await using world = await startWorld({ variables: proxies.variables });
  const people = [world.telegramPerson(), world.slackPerson()];
  await Promise.all([proxies.telegram.die(), proxies.slack.die()]);
  for (const person of people) person.says("Hello");
  const logged = (part: string) => world.log.some((line) => line.includes(part));
  await expect
    .poll(() => logged("the proxy cannot be reached (ECONNREFUSED); check TELEGRAM_PROXY_URL"), {
      timeout: 20_000,
    })
    .toBe(true);
  await expect
    .poll(() => logged("the proxy cannot be reached (ECONNREFUSED); check SLACK_PROXY_URL"), {
      timeout: 20_000,
    })
    .toBe(true);
  expect(await world.service?.notReady()).toContainEqual(expect.stringContaining("check TELEGRAM_PROXY_URL"));
  await Promise.all([proxies.telegram.listen(), proxies.slack.listen()]);
  for (const person of people) await sees(person, "You said Hello.");
});

test("a model behind a dead proxy is told to the asker, and to the operator by the proxy's name", async () => {
  await using proxies = await startProxies();
  await using world = await startWorld({ variables: proxies.variables, timing: { chatRetryMs: 100 } });
  await proxies.model.die();
  const person = world.telegramPerson();
  person.says("Hello");
  await seesPart(person, "I cannot reach the model right now");
  expect(world.log.join("")).toMatch(/the proxy cannot be reached \(ECONNREFUSED\).*Check OPENAI_PROXY_URL/);
  await proxies.model.listen();
  person.says("Again");
  await seesPart(person, "Again.");
});

test.each([
  ["telegram", "silent", "no connection through the proxy in time"],
  ["telegram", 407, "did not accept the user name and password"],
  ["slack", "silent", "no connection through the proxy in time"],
  ["slack", 403, "the proxy refused to connect (HTTP 403)"],
] as const)("a call to %s through a proxy that is %s was surely not made", async (name, mood, sentence) => {
  await using proxies = await startProxies();
  await using world = await startWorld({ variables: proxies.variables, timing: { callMs: 1_000 } });
  const person = world.person(name);
  world.model.hold(0);
  person.says("Hello");
  await world.model.hasReceived(1);
  // New connections only: those that are open are cut.
  for (const socket of proxies[name].outgoing) socket.destroy();
  proxies[name].mood = mood;
  world.model.release();
  const failed = () =>
    world.log.filter((line) => line.includes('"method":"post"') && line.includes(sentence));
  await expect.poll(failed, { timeout: 20_000 }).not.toEqual([]);
  for (const line of failed()) expect(JSON.parse(line)).toMatchObject({ outcome: "unapplied" });
  proxies[name].mood = "open";
  await sees(person, "You said Hello.");
});
