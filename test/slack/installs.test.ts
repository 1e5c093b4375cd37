import { expect, test, vi } from "vitest";
import { sees } from "../world/person.ts";
import { answerToText } from "../world/world.ts";
import { callsWith, dump, publicUrl, startInstallWorld, twoTeams } from "./install-world.ts";

test("two workspaces install the app, and the same ids at the same time in both are two conversations", async () => {
  await using installing = await startInstallWorld();
  const { world, person } = installing;
  const [one, two] = twoTeams(installing);
  expect(await installing.installs(one)).toContain("Installed.");
  expect(await installing.installs(two)).toContain("Installed.");
  const [ann, bob] = [person(one, "Ann"), person(two, "Bob")];
  expect([ann.user.id, ann.channel.id]).toEqual([bob.user.id, bob.channel.id]);

  const ts = one.workspace.nextTs();
  ann.says("I am Ann", ts);
  bob.says("I am Bob", ts);
  await sees(ann, answerToText("I am Ann"));
  await sees(bob, answerToText("I am Bob"));
  ann.says("Who am I?");
  bob.says("Who am I?");
  await sees(ann, answerToText("I am Ann"), answerToText("Who am I?"));
  await sees(bob, answerToText("I am Bob"), answerToText("Who am I?"));

  const last = world.model.requests.filter(({ messages }) => messages.at(-1)?.content === "Who am I?");
  const told = last.map(({ messages }) => JSON.stringify(messages));
  expect(told.filter((text) => text.includes("Ann")).filter((text) => text.includes("Bob"))).toEqual([]);
  expect(told).toHaveLength(2);
  for (const team of [one, two]) {
    const calls = callsWith(world, team);
    expect(calls.filter(({ status, answer }) => status !== 200 || answer?.ok !== true)).toEqual([]);
    expect(calls.filter(({ method }) => method === "users.info")).toHaveLength(1);
    expect(calls.filter(({ method }) => method === "chat.postMessage")).toHaveLength(2);
  }
});

test("workspaces that deliver by HTTP and install the app are answered as well", async () => {
  await using installing = await startInstallWorld({ slackBy: "http" });
  const [one, two] = twoTeams(installing);
  await installing.installs(one);
  const ann = installing.person(one);
  ann.says("Hello");
  await sees(ann, answerToText("Hello"));
  // Slack tells of nothing where the app is not installed; a stranger's event is refused.
  installing.person(two).says("Hello");
  expect(installing.world.model.received()).toBe(1);
});

test("neither Redis nor the log holds a token, a client secret or a state in the clear", async () => {
  await using installing = await startInstallWorld();
  const { world } = installing;
  world.slack.oauth.tokenSeconds = 43_200;
  const [one] = twoTeams(installing);
  const visitor = installing.visitor();
  const seen: string[] = [];
  await visitor.visits(`${publicUrl}/slack/install`, (url) => {
    seen.push(url.searchParams.get("state") ?? "", url.searchParams.get("code") ?? "");
    return true;
  });
  const ann = installing.person(one);
  ann.says("Hello");
  await sees(ann, answerToText("Hello"));
  const answers = JSON.stringify(world.slack.callsOf("oauth.v2.access").map(({ answer }) => answer));
  const tokens = [...answers.matchAll(/xox[^"]+/g)].map(([token]) => token);
  const secrets = [...tokens, ...seen.filter((text) => text !== ""), world.slack.oauth.clientSecret];
  expect(secrets).toHaveLength(2 + 3 + 1);
  const everything = `${await dump(world)}\n${world.log.join("\n")}`;
  for (const secret of [...secrets, installing.tokenKey]) expect(everything.includes(secret)).toBe(false);
  expect(everything).toContain("T0SIMA");
});

test("an install is good once, in the browser that began it, and for nobody else", async () => {
  await using installing = await startInstallWorld();
  const [one] = twoTeams(installing);
  const [begins, lured] = [installing.visitor(), installing.visitor()];
  const isBack = (url: URL) => url.origin === publicUrl;
  const begun = await begins.visits(`${publicUrl}/slack/install`, (url) => !isBack(url));
  expect(begun.url).toContain("/slack/oauth_redirect?");

  expect(await lured.visits(begun.url)).toMatchObject({
    status: 400,
    text: expect.stringContaining("not begun in this browser"),
  });
  await lured.visits(`${publicUrl}/slack/install`, () => false);
  expect(await lured.visits(begun.url)).toMatchObject({ status: 400 });
  const forged = new URL(begun.url);
  forged.searchParams.set("state", "forged");
  expect(await begins.visits(forged.href)).toMatchObject({ status: 400 });
  expect(await installing.world.control.hlen("{parley:0}:installations")).toBe(0);

  const [again, other] = [installing.visitor(), installing.visitor()];
  const second = await again.visits(`${publicUrl}/slack/install`, (url) => !isBack(url));
  const cookie = [...again.cookies.values()][0];
  expect(await again.visits(second.url)).toMatchObject({
    status: 200,
    text: expect.stringContaining("Installed."),
  });
  expect(again.cookies.size).toBe(0);
  // The same state once more, with the very cookie.
  await other.visits(`${publicUrl}/slack/install`, () => false);
  const stolen = await fetch(second.url.replace(publicUrl, `http://127.0.0.1:${installing.gateway.port}`), {
    headers: { cookie: `__Host-parley-install=${cookie}` },
  });
  expect(stolen.status).toBe(400);
  expect(one.grants.size).toBe(1);
});

test("the way to Slack asks for the manifest's scopes, sends nobody's address along and is not kept", async () => {
  await using installing = await startInstallWorld();
  const visit = await installing.visitor().visits(`${publicUrl}/slack/install`, () => false);
  const url = new URL(visit.url);
  expect(url.searchParams.get("scope")?.split(",")).toContain("chat:write");
  expect(url.searchParams.get("redirect_uri")).toBe(`${publicUrl}/slack/oauth_redirect`);
  expect(url.searchParams.get("user_scope")).toBeNull();
  expect(visit.headers.get("referrer-policy")).toBe("no-referrer");
  expect(visit.headers.get("cache-control")).toBe("no-store");
  const cookie = visit.headers.get("set-cookie") ?? "";
  for (const part of ["Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"])
    expect(cookie).toContain(part);
});

test("who changes their mind, a whole organisation, and a workspace that is not invited install nothing", async () => {
  await using installing = await startInstallWorld({ variables: { SLACK_INSTALL_TEAMS: "T0SIMB" } });
  const { world } = installing;
  const [one] = twoTeams(installing);
  world.slack.oauth.visitors.push("denies", { team: one, wholeOrganisation: true }, { team: one });
  const pages: string[] = [];
  for (let visits = 0; visits < 3; visits += 1) {
    const visit = await installing.visitor().visits(`${publicUrl}/slack/install`);
    pages.push(`${visit.status} ${visit.text.replaceAll(/<style>.*<\/style>|<[^>]*>|Parley/g, "")}`);
  }
  expect(pages).toEqual([
    "200 Nothing was installed.",
    "403 I can be installed in one workspace at a time, not in a whole organisation.",
    "403 The operator has not opened this installation to your workspace.",
  ]);
  expect(await world.control.hlen("{parley:0}:installations")).toBe(0);
  // What Slack has given in vain is given back.
  expect(one.grants.size).toBe(0);
  expect(one.revoked.size).toBe(2);
});

test("a token that ends soon is renewed once, by whichever process needs it, and nobody waits", async () => {
  await using installing = await startInstallWorld();
  const { world } = installing;
  const [one] = twoTeams(installing);
  world.slack.oauth.tokenSeconds = 3_600;
  await installing.installs(one);
  world.slack.oauth.tokenSeconds = 43_200;
  const people = ["Ann", "Bob", "Cem"].map((name) => installing.person(one, name));
  for (const person of people) person.says("Hello");
  for (const person of people) await sees(person, answerToText("Hello"));
  const renewals = () =>
    world.slack.callsOf("oauth.v2.access").filter(({ payload }) => payload.grant_type === "refresh_token");
  await world.slack.until(() => renewals().length > 0);
  people[0]?.says("Still there?");
  await sees(people[0]!, answerToText("Hello"), answerToText("Still there?"));
  expect(renewals()).toHaveLength(1);
});

test("a token that has ended is renewed before it is used", async () => {
  await using installing = await startInstallWorld();
  const { world } = installing;
  const [one] = twoTeams(installing);
  world.slack.oauth.tokenSeconds = 1;
  expect(await installing.installs(one)).toContain("Installed.");
  world.slack.oauth.tokenSeconds = 43_200;
  const [grant] = one.grants.values();
  const hasEnded = () => expect(Date.now()).toBeGreaterThan(grant?.expiresAtMs ?? Number.POSITIVE_INFINITY);
  await vi.waitFor(hasEnded, { timeout: 5_000, interval: 10 });
  const ann = installing.person(one);
  ann.says("Hello");
  await sees(ann, answerToText("Hello"));
  expect(callsWith(world, one).filter(({ answer }) => answer?.error === "token_expired")).toEqual([]);
});
