/** The playground's two simulated platforms with their people and rooms, as an earlier run left them. */

import { join } from "node:path";
import { type SlackSimulator, startSlackSimulator } from "../simulator/slack/simulator.ts";
import { startTelegramSimulator, type TelegramSimulator } from "../simulator/telegram/index.ts";
import { type Cast, readWorld, type SavedWorld, WorldFile } from "./world-file.ts";

/** Both platforms, running. Disposing saves and closes them. */
export interface World extends AsyncDisposable {
  readonly telegram: TelegramSimulator;
  readonly slack: SlackSimulator;
  readonly cast: Cast;
  /** True when an earlier run's conversations are there. */
  readonly isRestored: boolean;
}

/** The people of both platforms; the first is the person at the page. */
const people = ["Alex", "Maya"] as const;

/** The person at the page may change settings on both platforms, the others may not: so both can be seen. */
export function adminAmong<Id>(cast: readonly Id[]): Id | undefined {
  return cast[0];
}

/** Telegram's calls are kept for the meters only. */
const keepCalls = 200;

/**
 * Starts both simulators, restored from `folder` when something is there, and keeps the file there up to date.
 * @param say told in a sentence when the earlier conversations cannot be read
 */
export async function openWorld(folder: string, say: (sentence: string) => void): Promise<World> {
  const path = join(folder, "playground.json");
  const saved = readWorld(path, say);
  const telegramToken = saved?.telegramToken ?? newTelegramToken();
  await using stack = new AsyncDisposableStack();
  const telegram = stack.use(
    await startTelegramSimulator({
      token: telegramToken,
      keepStates: false,
      keepCalls,
      ...(saved === undefined ? {} : { snapshot: saved.telegram }),
    }),
  );
  const slack = stack.use(
    await startSlackSimulator({
      botName: "Parley",
      keepStates: false,
      keepCalls,
      ...(saved === undefined ? { teamId: newTeamId() } : { snapshot: saved.slack }),
    }),
  );
  const cast = saved?.cast ?? { telegram: castTelegram(telegram), slack: castSlack(slack) };
  const toSaved = (): SavedWorld => ({
    v: 1,
    telegramToken,
    cast,
    telegram: telegram.snapshot(),
    slack: slack.snapshot(),
  });
  const file = stack.use(new WorldFile(path, toSaved));
  file.save();
  stack.defer(saveTelegram(telegram, file));
  stack.defer(saveSlack(slack, file));
  const owned = stack.move();
  const isRestored = (saved?.telegram.messages.length ?? 0) + (saved?.slack.messages.length ?? 0) > 0;
  return { telegram, slack, cast, isRestored, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

function castTelegram(telegram: TelegramSimulator): Cast["telegram"] {
  const users = people.map((firstName) => telegram.createUser({ firstName }));
  const [you] = users;
  if (you === undefined) throw new Error("Nobody to type as");
  return {
    people: users.map(({ id }) => id),
    private: telegram.createPrivateChat(you).id,
    group: telegram.createGroup({ title: "Hiking club", members: users }).id,
  };
}

function castSlack(slack: SlackSimulator): Cast["slack"] {
  const users = people.map((name) => slack.createUser({ name }));
  const [you] = users;
  if (you === undefined) throw new Error("Nobody to type as");
  return {
    people: users.map(({ id }) => id),
    channel: slack.createChannel("engineering", users).id,
    dm: slack.createDm(you).id,
  };
}

/** A bot id of today: its conversations have names of their own in Redis, whatever an earlier world left there. */
function newTelegramToken(): string {
  return `${8_000_000_000 + Math.floor(Date.now() / 1_000)}:AAF-playground_token_0123456789abcde`;
}

/** Like {@link newTelegramToken}, for the workspace. */
function newTeamId(): string {
  return `T0${Math.floor(Date.now() / 1_000)
    .toString(36)
    .toUpperCase()}`;
}

function saveTelegram(telegram: TelegramSimulator, file: WorldFile): () => void {
  return telegram.onChange(({ kind }) => {
    if (kind === "message") file.save();
    else if (kind === "edited" || kind === "deleted") file.changed();
  });
}

function saveSlack(slack: SlackSimulator, file: WorldFile): () => void {
  let known = slack.workspace.messages.length;
  return slack.onChange(() => {
    const { length } = slack.workspace.messages;
    if (length === known) file.changed();
    else file.save();
    known = length;
  });
}
