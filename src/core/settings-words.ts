/** The bot's words about settings; a part of `words.ts`. Markdown; ids and values come in as arguments. */

import { asCode } from "./as-code.ts";
import { beginningOf } from "./beginning.ts";
import { duration } from "./duration.ts";
import type { ChatApiProblem } from "./errors.ts";

type Scope = "default" | "workspace" | "chat" | "conversation";

const scopes: Readonly<Record<Scope, string>> = {
  default: "everywhere",
  workspace: "in this workspace",
  chat: "in this chat",
  conversation: "in this thread",
};

/** What is recorded beside settings, as the end of a sentence. */
const lists = { access: "about who may use me", admins: "about who runs me" } as const;

const owners: Readonly<Record<Scope, string>> = {
  default: "this bot",
  workspace: "this workspace",
  chat: "this chat",
  conversation: "this chat",
};

/** A record's value, short enough for a list. */
function short(value: string | undefined): string {
  if (value === undefined) return "not set";
  const line = value.replace(/[`\s]+/g, " ");
  return `\`${beginningOf(line, 60)}\``;
}

interface Change {
  readonly name: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

export const settingsWords = {
  value: (word: string, value: string, source: Scope | undefined) =>
    `- **${word}** (${source === undefined ? "as configured" : `set ${scopes[source]}`}): ${value}`,
  scope: (scope: Scope) => scopes[scope],
  /** Stands for a value that is not for everybody who reads it. */
  notShownHere: "not shown here; `system` shows it to who asks",
  unset: (names: readonly string[]) => `- not set: ${names.map((name) => `\`${name}\``).join(", ")}`,
  modelLine: (model: string, isChosen: boolean, shutdownDate: string | undefined) =>
    `- ${model}${isChosen ? " (in use)" : ""}${shutdownDate === undefined ? "" : `, ends on ${shutdownDate}`}`,
  modelPage: (page: number, pages: number) => `Page ${page} of ${pages}`,
  /** What a setting is, and what it takes. */
  detail: ({
    word,
    about,
    expected,
  }: {
    readonly word: string;
    readonly about: string;
    readonly expected: string;
  }) => `\`${word}\` says ${about}. It takes ${expected}.`,
  wantPrompt: (scope: Scope, bytes: number) =>
    `What is to be the system prompt ${scopes[scope]}? It is taken exactly as it comes, in place of the one that holds now: up to ${bytes.toLocaleString("en")} bytes.`,
  /** How a longer text comes to the bot, by what a platform has. */
  wantBy: {
    reply:
      "Reply to this message with it. What is longer than 3,700 characters, send as a `.txt` or `.md` file in the reply.",
    form: "The button opens a form for up to 3,000 characters. For more, send a `.txt` or `.md` file with the command as its message.",
  },
  textCut:
    "That is as long as a message gets, so its end may be missing. Nothing was changed: please reply with it as a `.txt` file.",
  notATextFile: "That is not a `.txt` or `.md` file. Nothing was changed.",
  fileTooLarge: (bytes: number) =>
    `That file is larger than ${bytes.toLocaleString("en")} bytes. Nothing was changed.`,
  fileUnreadable: "That file is not text in UTF-8. Nothing was changed.",
  fileGone: "I could not get that file. Nothing was changed; please send it again.",
  buttons: {
    write: "Write a new one",
    reset: "Reset",
    back: "« Back",
    previous: "‹",
    next: "›",
    /** A button that opens more. */
    more: (word: string) => `${word} …`,
    value: (word: string, value: string) => `${word}: ${value}`,
  },
  usage: {
    model:
      "To change it: `model NAME`. It counts for this chat; `model here NAME` for a thread or topic alone, `model everywhere NAME` for all. `model reset` takes it back, `model offer gpt-*` restricts the choice.",
    system:
      "To change it: `system set TEXT`. It counts for this chat; `system here set TEXT` for a thread or topic alone, `system everywhere set TEXT` for all. `system values date user chat` adds these as a last line, `system reset` takes it back.",
    params:
      "To change one: `params temperature 0.7`. It counts for this chat; `params here …` for a thread or topic alone, `params everywhere …` for all. `params temperature reset` takes one back, `params reset` all.",
    mode: "To change one: `mode streaming off`. It counts for this chat; `mode here …` for a thread or topic alone, `mode everywhere …` for all. `mode streaming reset` takes one back, `mode reset` all.",
  },
  faulty: ({ word, expected }: { readonly word: string; readonly expected: string }) =>
    `\`${word}\` takes ${expected}. Nothing was changed.`,
  /** @param isSame it was so already */
  changed: (shown: string, overruledBy: Scope | undefined, isSame: boolean) =>
    [
      isSame ? "It is so already; nothing was changed." : "Changed; it counts from the next answer on.",
      ...(overruledBy === undefined
        ? []
        : [`Here something else is set ${scopes[overruledBy]}, and that counts.`]),
      shown,
    ].join("\n\n"),
  usageOfAudit:
    "`audit` shows the last changes of this chat; `audit here` those of a thread or topic, `audit everywhere` those for all, `audit access` and `audit admins` those about people.",
  usageOfUndo:
    "`undo` takes the last change of this chat back, whatever it was; `undo here` that of a thread or topic, `undo everywhere` that for all. Nothing was taken back.",
  notAllowed: (scope: Scope) =>
    `Only ${scope === "default" ? "owners" : "admins"} of ${owners[scope]} can change this.`,
  limitNotAllowed: "Only owners and admins of this bot can change which models may be chosen.",
  noWorkspace: "There is no workspace here: leave that word out to change this chat.",
  whichThread:
    "I cannot see in which thread this was written. Mention me there with `!` before the command instead.",
  modelNotOffered: (model: string) =>
    `${asCode(model)} is not among the models that an admin offers here. Nothing was changed.`,
  modelUnknown: (model: string, similar: readonly string[]) =>
    [
      `The server does not know ${asCode(model)}. Nothing was changed.`,
      ...(similar.length === 0 ? [] : [`Like it: ${similar.map(asCode).join(", ")}`]),
    ].join(" "),
  modelBusy: (model: string, ms: number) =>
    `${asCode(model)} has too much to do for me to try it. Nothing was changed; please do it again in about ${duration(ms)}.`,
  modelSilent: (model: string) => `${asCode(model)} did not answer in time. Nothing was changed.`,
  modelFails: (model: string, problem: ChatApiProblem) =>
    `${asCode(model)} does not answer (${problem}). Nothing was changed.`,
  undone: (change: Change | undefined) =>
    change === undefined
      ? "There is nothing left to take back here."
      : `Taken back: \`${change.name}\` is ${short(change.from)} again (it was ${short(change.to)}).`,
  /** The same of a value that is not for everybody who reads it. */
  undoneElsewhere: "Taken back: `system prompt` is what it was before. `system` shows it to who asks.",
  audit: (
    scope: Scope | keyof typeof lists,
    changes: readonly (Change & {
      readonly person: string;
      readonly atMs: number;
      readonly undo: boolean;
    })[],
  ) =>
    changes.length === 0
      ? `Nothing was ever changed ${{ ...scopes, ...lists }[scope]}.`
      : changes
          .map(
            ({ name, from, to, person, atMs, undo }) =>
              `- ${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC \`${person}\`: \`${name}\` ${short(from)} → ${short(to)}${undo ? " (undo)" : ""}`,
          )
          .join("\n"),
} as const;
