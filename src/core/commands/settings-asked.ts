/** What the commands of settings share: who gives them, which scope is meant, what holds there. */

import type { Asker } from "../access.ts";
import { type Address, toChatConversation } from "../conversation.ts";
import type { IncomingCommand, IncomingFile } from "../message.ts";
import type { ModelCatalogue } from "../model-catalogue.ts";
import type { SettingName, SettingValues } from "../settings/declarations.ts";
import { type EffectiveSettings, effectiveSettings } from "../settings/effective.ts";
import { type ScopeKind, type SettingsScope, scopesOf } from "../settings/scopes.ts";
import type { ChangeOrigin, SettingsStore } from "../settings/settings-store.ts";
import { words } from "../words.ts";
import { type CommandAnswer, refusing } from "./command-answer.ts";
import type { ModelCheck } from "./model-check.ts";
import { mayChange, type Right } from "./rights.ts";

/** What settings' commands need. */
export interface SettingsDependencies {
  readonly settings: SettingsStore;
  /** What the operator has configured for a platform. */
  readonly configured: (platform: string) => SettingValues;
  readonly catalogue: ModelCatalogue;
  readonly checkModel: ModelCheck;
  /** See `TurnDependencies`. */
  readonly endUser: (address: Address, author: string) => string;
  /** What the asker may change; asked at every use. */
  readonly right: (asker: Asker) => Promise<Right>;
  /** The person's entry in `ADMINS`. */
  readonly personOf: (asker: Asker) => string;
  /** True where a platform's scope is a workspace of several chats. */
  readonly hasWorkspaces: (platform: string) => boolean;
  /** Reads a text file that came with a command. @returns what to tell the person when it cannot be taken */
  readonly readFile: (
    command: IncomingCommand,
    file: IncomingFile,
  ) => Promise<{ readonly text: string } | { readonly fault: string }>;
  /** How long the chat API may take for a look at its models, in ms. */
  readonly modelsWaitMs: number;
}

/** One command as it is being carried out. */
export interface Asked {
  readonly dependencies: SettingsDependencies;
  readonly command: IncomingCommand;
  readonly asker: Asker;
  readonly scopes: readonly SettingsScope[];
}

/** The command with the scopes that it may mean, widest first. */
export function toAsked(dependencies: SettingsDependencies, command: IncomingCommand, asker: Asker): Asked {
  const scopes = scopesOf(command.conversation);
  return { dependencies, command, asker, scopes };
}

/** Runs `work` with the scope that is meant, if the asker may change it. */
export async function within(
  { dependencies, asker, scopes, command }: Asked,
  reach: ScopeKind,
  work: (scope: SettingsScope) => Promise<CommandAnswer>,
): Promise<CommandAnswer> {
  // The platform does not say in which thread a command without one was written.
  if (reach === "conversation" && command.reach === "chat") return refusing(words.settings.whichThread);
  const isThread = scopes.some(({ kind }) => kind === "conversation");
  const wanted = reach === "conversation" && !isThread ? "chat" : reach;
  const scope = scopes.find(({ kind }) => kind === wanted);
  const isMissing = wanted === "workspace" && !dependencies.hasWorkspaces(asker.platform);
  if (scope === undefined || isMissing) return refusing(words.settings.noWorkspace);
  if (!mayChange(await dependencies.right(asker), scope.kind))
    return refusing(words.settings.notAllowed(scope.kind));
  return await work(scope);
}

/** Which models may be chosen: a limit that a place's own admins are within, and could else lift for their place. */
export const limit: SettingName = "modelPatterns";

/** True for owners and admins of the bot. */
export async function mayChangeLimits({ dependencies, asker }: Asked): Promise<boolean> {
  const right = await dependencies.right(asker);
  return right === "owner" || right === "admin";
}

/** True for a scope of more than one chat. */
export function isWide(kind: ScopeKind): boolean {
  return kind === "default" || kind === "workspace";
}

/** What holds where the command was given. */
export async function read({ dependencies, scopes, asker }: Asked): Promise<EffectiveSettings> {
  return effectiveSettings(dependencies.configured(asker.platform), await dependencies.settings.read(scopes));
}

/** Who changes it, where and when. */
export function originOf({ dependencies, command, asker }: Asked): ChangeOrigin {
  const { id, conversation, sentAtMs } = command;
  // Where the thread is hidden, what is changed is the chat's.
  const where = command.reach === "chat" ? toChatConversation(conversation) : conversation;
  return { id, person: dependencies.personOf(asker), conversation: where, atMs: sentAtMs };
}
