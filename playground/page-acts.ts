/** Carries out on the simulated platforms what a person does on the page. */

import type { SlackChannel } from "../simulator/slack/workspace.ts";
import type { Switchboard } from "./inner-service.ts";
import { type PageAct, pageAct } from "./protocol.ts";
import type { World } from "./world.ts";

/** What acts work on. */
export interface PageActors {
  readonly world: World;
  readonly switchboard: Switchboard;
}

/**
 * Carries out one act.
 * @param message what came over the WebSocket; anything but an act of the playground's own people is ignored
 */
export function carryOut({ world, switchboard }: PageActors, message: string): void {
  const act = parseAct(message);
  if (act === undefined) return;
  switch (act.type) {
    case "telegram-says":
      sayInTelegram(world, act);
      break;
    case "slack-says":
      sayInSlack(world, act);
      break;
    case "slack-stop":
      if (isInSlack(world, act)) world.slack.pressesStop(act.as, act.channel, act.thread);
      break;
    case "telegram-stop":
      stopInTelegram(world, act);
      break;
    case "telegram-press":
      pressInTelegram(world, act);
      break;
    case "slack-press":
      pressInSlack(world, act);
      break;
    case "slack-home":
    case "slack-home-press":
    case "slack-submit":
    case "slack-cancel":
      useSlackView(world, act);
      break;
    case "switch":
      switchboard.switchTo(act.ways);
      break;
    default:
      act satisfies never;
  }
}

function parseAct(message: string): PageAct | undefined {
  try {
    return pageAct.safeParse(JSON.parse(message)).data;
  } catch {
    // Not JSON, so not from our page.
    return undefined;
  }
}

function sayInTelegram({ telegram, cast }: World, act: Extract<PageAct, { type: "telegram-says" }>): void {
  const { people, private: own, group } = cast.telegram;
  const isMember = act.chat === own ? act.as === people[0] : act.chat === group && people.includes(act.as);
  if (!isMember) return;
  const options = act.replyTo === undefined ? {} : { replyTo: act.replyTo };
  telegram.says(telegram.user(act.as), { id: act.chat }, act.text, options);
}

/** A button that has gone meanwhile does nothing. */
function pressInTelegram({ telegram, cast }: World, act: Extract<PageAct, { type: "telegram-press" }>): void {
  const { people, private: own, group } = cast.telegram;
  const isMember = act.chat === own ? act.as === people[0] : act.chat === group && people.includes(act.as);
  const message = telegram.visible({ id: act.chat }).find(({ id }) => id === act.id);
  const isThere = message?.buttons?.flat().some(({ data }) => data === act.data);
  if (isMember && message && isThere) telegram.press(telegram.user(act.as), message, act.data);
}

function pressInSlack(world: World, act: Extract<PageAct, { type: "slack-press" }>): void {
  if (!isInSlack(world, act)) return;
  const { workspace, interactions } = world.slack;
  const message = workspace.message(act.channel, act.ts);
  const isSeen = message?.ephemeralTo === undefined || message.ephemeralTo === act.as;
  if (message && isSeen) interactions.presses(act.as, message, act.label).catch(() => undefined);
}

type ViewAct = Extract<
  PageAct,
  { type: "slack-home" | "slack-home-press" | "slack-submit" | "slack-cancel" }
>;

/** What is not there any more is not used: the page learns of it by itself. */
function useSlackView({ slack, cast }: World, act: ViewAct): void {
  if (!cast.slack.people.includes(act.as)) return;
  const { workspace, people, interactions, views } = slack;
  switch (act.type) {
    case "slack-home": {
      const isTheirs = ({ kind, members }: SlackChannel) => kind === "im" && members.includes(act.as);
      const dm = [...workspace.channels.values()].find(isTheirs) ?? slack.createDm(act.as);
      people.opensApp(act.as, dm, "home");
      break;
    }
    case "slack-home-press":
      interactions.pressesAtHome(act.as, act.label, act.index).catch(() => undefined);
      break;
    case "slack-submit":
      interactions.submits(act.as, act.text).catch(() => undefined);
      break;
    case "slack-cancel":
      views.close(act.as);
      break;
    default:
      act satisfies never;
  }
}

/** A stop button that has gone meanwhile does nothing. */
function stopInTelegram({ telegram, cast }: World, act: Extract<PageAct, { type: "telegram-stop" }>): void {
  const chat = { id: act.chat };
  const isTheirs = act.chat === cast.telegram.private && act.as === cast.telegram.people[0];
  if (isTheirs && telegram.drafts.in(chat)?.canStop) telegram.drafts.pressesStop(chat);
}

function sayInSlack(world: World, act: Extract<PageAct, { type: "slack-says" }>): void {
  if (!isInSlack(world, act)) return;
  const command = /^\/([a-z]+)(?:\s+([\s\S]*))?$/.exec(act.text);
  if (command !== null && act.thread === undefined) {
    const [, name = "", rest = ""] = command;
    // Its answer shows in the room, also the one that says that nobody answered.
    world.slack.runsCommand(act.as, act.channel, `/${name}`, rest).catch(() => undefined);
    return;
  }
  world.slack.says(act.as, act.channel, act.text, act.thread === undefined ? {} : { thread: act.thread });
}

function isInSlack({ slack, cast }: World, act: { readonly as: string; readonly channel: string }): boolean {
  const { channel, dm, people } = cast.slack;
  if (![channel, dm].includes(act.channel) || !people.includes(act.as)) return false;
  return slack.workspace.channels.get(act.channel)?.members.includes(act.as) === true;
}
