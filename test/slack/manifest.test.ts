import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { eventsPath } from "../../src/adapters/slack/http-receiver.ts";
import { redirectPath } from "../../src/adapters/slack/installer.ts";
import { botScopes } from "../../src/adapters/slack/scopes.ts";
import { parseConversationId, toConversationId } from "../../src/core/conversation.ts";
import { words } from "../../src/core/words.ts";
import { startSlackWorld } from "./slack-world.ts";

const manifest = await readFile(new URL("../../slack-manifest.yaml", import.meta.url), "utf8");
const docs = await readFile(new URL("../../docs/slack.md", import.meta.url), "utf8");
const manifestShape = z.object({
  features: z.object({ agent_view: z.object({ suggested_prompts: z.array(z.unknown()) }) }),
});
const never = new AbortController().signal;

interface Manifest {
  readonly display_information: unknown;
  readonly features: { readonly slash_commands: readonly { readonly url?: string }[] };
  readonly oauth_config: unknown;
  readonly settings: {
    readonly event_subscriptions: { readonly request_url?: string; readonly bot_events: readonly string[] };
    readonly interactivity: { readonly is_enabled: boolean; readonly request_url?: string };
    readonly socket_mode_enabled: boolean;
  };
}

const parseManifest = (text: string): Manifest => parse(text);

/** The entries of a list in the manifest, which holds its comments between them. */
function listed(key: string): readonly string[] {
  const indent = new RegExp(`^( *)${key}:$`, "m").exec(manifest)?.[1] ?? "";
  const start = manifest.indexOf(`\n${indent}${key}:\n`) + indent.length + key.length + 3;
  const lines = manifest.slice(start).split("\n");
  const end = lines.findIndex((line) => line !== "" && !line.startsWith(`${indent}  `));
  return lines.slice(0, end).flatMap((line) => /^\s+- ([\w:.]+)$/.exec(line)?.[1] ?? []);
}

test("every scope of the manifest has its reason in the documentation, and no other has", () => {
  const explained = [...docs.matchAll(/^\| `([\w:.]+)` \|/gm)].map((match) => match[1]);
  expect(explained.sort()).toEqual([...listed("bot")].sort());
});

test("whoever installs the app grants the manifest's scopes and no other", () => {
  expect([...botScopes].sort()).toEqual([...listed("bot")].sort());
});

test("the app hears when it is removed, and where it is sent after an install is the address that Parley serves", () => {
  expect(listed("bot_events")).toEqual(expect.arrayContaining(["app_uninstalled", "tokens_revoked"]));
  const url = /# INSTALLS: redirect_urls: \["https:\/\/[^/]+([^"]*)"\]/.exec(manifest)?.[1];
  expect(url).toBe(redirectPath);
});

test("the manifest's length limits are kept", () => {
  const description = /agent_description: (.*)/.exec(manifest)?.[1] ?? "";
  expect(description.length).toBeLessThanOrEqual(300);
  expect(/^ {2}name: (.*)/m.exec(manifest)?.[1]?.length).toBeLessThanOrEqual(35);
});

test("the manifest suggests what the bot offers by itself", () => {
  const { features } = manifestShape.parse(parse(manifest));
  expect(features.agent_view.suggested_prompts).toEqual(words.prompts);
});

test("an app made from the manifest offers what could be asked to whoever opens its direct messages", async () => {
  await using world = await startSlackWorld({
    simulator: { scopes: listed("bot"), events: listed("bot_events") },
  });
  const { slack, inbox, parts } = world;
  await world.connect();
  const ann = slack.createUser({ name: "Ann" });
  const dm = slack.createDm(ann);
  slack.people.opensApp(ann, dm, "home");
  slack.people.opensApp(ann, dm);
  await slack.until(() => slack.socketMode.deliveries.filter(({ ackedAtMs }) => ackedAtMs).length === 2);
  const conversation = toConversationId({ platform: "slack", scope: slack.teamId, chat: dm.id });
  expect(inbox.arrivals).toHaveLength(2);
  expect(inbox.arrivals).toEqual(
    expect.arrayContaining([
      { kind: "opened", conversation, author: ann.id },
      { kind: "opened", conversation, author: ann.id, isHome: true },
    ]),
  );
  const target = { address: parseConversationId(conversation), place: "private", question: "" } as const;
  expect(await parts.responder.offerPrompts(target, words.prompts, never)).toMatchObject({ kind: "done" });
  expect(slack.workspace.prompts.get(dm.id)).toEqual(words.prompts);
});

test("changed for HTTP as the manifest says, every address in it is the one that Parley serves", () => {
  const changed = manifest
    .replaceAll("# HTTP: ", "")
    .replace("socket_mode_enabled: true", "socket_mode_enabled: false");
  const { features, settings, ...rest } = parseManifest(changed);
  const { event_subscriptions: events, interactivity } = settings;
  const addresses = [...features.slash_commands.map(({ url }) => url), events.request_url];
  addresses.push(interactivity.request_url);
  expect(addresses.length).toBeGreaterThan(1);
  expect(addresses.map((address) => new URL(String(address)).pathname)).toEqual(
    addresses.map(() => eventsPath),
  );
  expect(settings.socket_mode_enabled).toBe(false);
  const before = parseManifest(manifest);
  expect(rest).toEqual({
    display_information: before.display_information,
    oauth_config: before.oauth_config,
  });
  expect(events.bot_events).toEqual(before.settings.event_subscriptions.bot_events);
  expect(before.settings).toMatchObject({ socket_mode_enabled: true });
});

const places = ["channel", "private channel", "group direct message", "direct message"] as const;
const ways = ["socket", "HTTP"] as const;

test.for(ways.flatMap((way) => places.map((place) => [place, way] as const)))(
  "an app made from the manifest does all of its work in a %s by %s",
  async ([kind, way]) => {
    await using world = await startSlackWorld({
      http: way === "HTTP",
      simulator: { scopes: listed("bot"), events: listed("bot_events") },
    });
    const { slack, inbox, parts } = world;
    await world.connect();
    const ann = slack.createUser({ name: "Ann" });
    const place = {
      channel: () => slack.createChannel("general", [ann]),
      "private channel": () => slack.createChannel("secret", [ann], { isPrivate: true }),
      "group direct message": () => slack.createMpim([ann, slack.createUser({ name: "Bob" })]),
      "direct message": () => slack.createDm(ann),
    }[kind]();
    const question = slack.says(ann, place, "@parley hello");
    slack.says(ann, place, "and more", { thread: question });
    slack.pressesStop(ann, place, question);
    await slack.until(() => inbox.messages.some((message) => message.nativeId === question));
    await slack.until(() => inbox.arrivals.some((arrival) => arrival.kind === "stop"));

    const address = { platform: "slack", scope: slack.teamId, chat: place.id, thread: question };
    const target = { address, place: "group", question } as const;
    const page = { fingerprint: "a", plain: "a", body: null };
    const first = inbox.messages[0];
    if (first === undefined) throw new Error("nothing arrived");
    const room = slack.createChannel("other", []);
    const read = await parts.platform.read({ ...first, text: `<#${place.id}> <#${room.id}>` }, never);
    const outcomes = [
      await parts.platform.showBusy(target, true, never),
      await parts.platform.post(target, page, { index: 0, token: "t" }, never),
      await parts.platform.findPost(target, "t", Date.now(), never),
      await parts.platform.attach(target, { name: "rest.md", text: "rest" }, never),
    ];
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(["done", "done", "done", "done"]);
    expect(read.authorName).toBe("Ann");
    const refused = slack.calls.filter((call) => call.answer?.error === "missing_scope");
    // Direct messages have no names to read.
    expect(
      refused.every((call) => kind.endsWith("direct message") && call.method === "conversations.info"),
    ).toBe(true);
  },
);
