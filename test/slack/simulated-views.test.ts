/** The simulated Slack at its buttons, forms and homes: it refuses what Slack refuses, in Slack's words. */

import { WebClient } from "@slack/web-api";
import { afterEach, beforeEach, expect, test } from "vitest";
import { choosablesIn } from "../../simulator/slack/interactions.ts";
import { type SlackSimulator, startSlackSimulator } from "../../simulator/slack/simulator.ts";
import type { SlackChannel, SlackUser } from "../../simulator/slack/workspace.ts";

let slack: SlackSimulator;
let web: WebClient;
let ann: SlackUser;
let channel: SlackChannel;

beforeEach(async () => {
  slack = await startSlackSimulator({ rates: "off" });
  web = new WebClient(slack.botToken, { slackApiUrl: slack.url, retryConfig: { retries: 0 } });
  ann = slack.createUser({ name: "Ann" });
  channel = slack.createChannel("general", [ann]);
});
afterEach(() => slack[Symbol.asyncDispose]());

const plain = (text: string) => ({ type: "plain_text" as const, text });
const form = (title = "Title") => ({
  type: "modal" as const,
  callback_id: "x",
  title: plain(title),
  blocks: [{ type: "section" as const, text: plain("Text") }],
});

test("a trigger opens one form, within three seconds, and only if Slack gave it out", async () => {
  const open = (trigger_id: string, view = form()) => web.views.open({ trigger_id, view });
  await expect(open("made up")).rejects.toMatchObject({ data: { error: "invalid_trigger_id" } });
  const trigger = slack.views.trigger(ann.id);
  await expect(open(trigger, form("A title of more than 24 characters"))).rejects.toMatchObject({
    data: { error: "invalid_arguments" },
  });
  await open(trigger);
  expect(slack.views.modals.get(ann.id)).toMatchObject({ title: "Title" });
  await expect(open(trigger)).rejects.toMatchObject({ data: { error: "exchanged_trigger_id" } });
  const late = slack.views.trigger(ann.id);
  slack.views.expireTriggers();
  await expect(open(late)).rejects.toMatchObject({ data: { error: "expired_trigger_id" } });
});

test("a home is each person's own, and takes a hundred blocks", async () => {
  const publish = (count: number) =>
    web.views.publish({
      user_id: ann.id,
      view: { type: "home", blocks: Array.from({ length: count }, () => ({ type: "divider" as const })) },
    });
  await publish(100);
  expect(slack.views.homes.get(ann.id)?.blocks).toHaveLength(100);
  await expect(publish(101)).rejects.toMatchObject({ data: { error: "invalid_arguments" } });
});

test("buttons and options that do not fit are refused, and what fits can be pressed", async () => {
  const post = (elements: readonly object[]) =>
    web.chat.postMessage({
      channel: channel.id,
      text: "x",
      blocks: [{ type: "actions", block_id: "b", elements: [...elements] } as never],
    });
  const button = (text: string, value = "v", action_id = "a") => ({
    type: "button",
    action_id,
    text: plain(text),
    value,
  });
  const select = (value: string) => ({
    type: "static_select",
    action_id: "s",
    options: [{ text: plain("One"), value }],
  });
  const refused = { data: { error: "invalid_blocks" } };
  await expect(post([button("x".repeat(76))])).rejects.toMatchObject(refused);
  await expect(post([button("x", "v".repeat(2_001))])).rejects.toMatchObject(refused);
  await expect(post([button("x"), button("y")])).rejects.toMatchObject(refused);
  await expect(post([select("v".repeat(76))])).rejects.toMatchObject(refused);
  await post([button("x".repeat(75)), select("v".repeat(75))]);
  const [message] = slack.visible(channel);
  expect(choosablesIn(message?.state.blocks ?? []).map(({ kind }) => kind)).toEqual(["button", "option"]);
});

test("a file is given to a token that may read files, others get a page to log in", async () => {
  slack.says(ann, channel, "Look", { files: [{ name: "a.txt", mimetype: "text/plain", content: "Hello" }] });
  const [file] = slack.workspace.messages.flatMap(({ files }) => files);
  const info = await web.files.info({ file: file?.id ?? "" });
  const url = info.file?.url_private_download ?? "";
  const get = async (token: string) =>
    await (await fetch(url, { headers: { authorization: `Bearer ${token}`, connection: "close" } })).text();
  expect(await get(slack.botToken)).toBe("Hello");
  expect(await get("xoxb-other")).toContain("Sign in");
});
