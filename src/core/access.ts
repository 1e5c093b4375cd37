/** Who may use the bot: entries of an allow-list, and the decision for one message. Pure. */

import { type Decision, noStanding, type Standing } from "./standing.ts";

/**
 * What one entry stands for.
 * - `everyone`: all people in all places of the platform.
 * - `members`: the full members of one scope (a workspace), wherever they write in it.
 * - `chat`: everyone in one chat.
 * - `person`: one person, by an id that is unique within the scope, anywhere in the scope.
 * - `private`: one person, by an id that is unique on the platform, in private only.
 */
export type EntryKind = "everyone" | "members" | "chat" | "person" | "private";

/** One kind of entry that a platform knows. */
export interface EntryForm {
  readonly kind: Exclude<EntryKind, "everyone">;
  /** The whole id, after `platform:`. */
  readonly pattern: RegExp;
  /** An id of this form, for error messages. */
  readonly example: string;
}

/** How a platform names people and places, and whom it lets in without any entry. */
export interface AccessForm {
  /** The adapter's name, which stands before the colon. */
  readonly platform: string;
  readonly entries: readonly EntryForm[];
  /** True where being a full member of a scope in which the bot is installed is leave enough. */
  readonly opensToMembers: boolean;
}

/** One entry, read. */
export interface AccessEntry {
  readonly platform: string;
  readonly kind: EntryKind;
  /** What stands after the colon; `*` for everyone. */
  readonly id: string;
}

/** An entry that cannot be read, and why, as a clause that follows it. */
export interface EntryFault {
  readonly entry: string;
  readonly message: string;
}

/** Who is asking, and where. */
export interface Asker {
  readonly platform: string;
  readonly scope: string;
  readonly chat: string;
  /** The platform's id of the person. */
  readonly author: string;
  readonly place: "private" | "group";
  readonly membership: "member" | "guest" | "stranger";
  /** Speaks in a chat's name: several people may be behind it, and none of them has a role by it. */
  readonly isChat?: true;
}

/** Everything configured that the decision rests on. */
export interface AccessRules {
  readonly forms: readonly AccessForm[];
  readonly allow: readonly AccessEntry[];
  /** Owners; they may use the bot wherever they are. Only entries of single people count. */
  readonly admins: readonly AccessEntry[];
}

/** The decision; a refusal carries the entry that would allow it, or the one that denies it. */
export type Access =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly refused: "person" | "place" | "denied"; readonly entry: string };

const entryKinds: readonly EntryKind[] = ["everyone", "members", "chat", "person", "private"];

/** The kinds that name a single person: only they can have a role. */
export const personKinds: readonly EntryKind[] = ["person", "private"];

/**
 * Reads a list of entries separated by commas. Nothing is guessed: `*` is spelled out per platform, ids are exact.
 * @param list the setting's text; empty = nobody
 * @param kinds which kinds may stand in it
 */
export function parseEntries(
  list: string,
  forms: readonly AccessForm[],
  kinds: readonly EntryKind[] = entryKinds,
): { readonly entries: readonly AccessEntry[]; readonly faults: readonly EntryFault[] } {
  if (list.trim() === "") return { entries: [], faults: [] };
  const read = list.split(",").map((part) => readEntry(part.trim(), forms, kinds));
  return {
    entries: read.filter((result) => "kind" in result),
    faults: read.filter((result) => "message" in result),
  };
}

/** Reads one entry. @param kinds which kinds may stand here */
export function readEntry(
  entry: string,
  forms: readonly AccessForm[],
  kinds: readonly EntryKind[] = entryKinds,
): AccessEntry | EntryFault {
  if (entry === "") return { entry, message: "is empty: a comma too many" };
  const [platform = "", ...rest] = entry.split(":");
  const id = rest.join(":");
  const form = forms.find((candidate) => candidate.platform === platform);
  if (form === undefined) {
    const known = forms.map((candidate) => `${candidate.platform}:${rest.length === 0 ? entry : id}`);
    return { entry, message: `must begin with a platform: ${known.join(" or ")}` };
  }
  const kind = id === "*" ? "everyone" : form.entries.find(({ pattern }) => pattern.test(id))?.kind;
  if (kind !== undefined && kinds.includes(kind)) return { platform, kind, id };
  const examples = form.entries
    .filter((candidate) => kinds.includes(candidate.kind))
    .map(({ example }) => `${platform}:${example}`);
  return { entry, message: `has no id that can stand here; write it like ${examples.join(" or ")}` };
}

/**
 * Decides whether `asker` is answered. To be asked again when the turn begins: rights can have been withdrawn.
 * Owners always are; of everybody else denied beats allowed, and admins count as allowed.
 */
export function mayUse(asker: Asker, rules: AccessRules, standing: Standing = noStanding): Access {
  if (isOwner(asker, rules, standing)) return { allowed: true };
  const { formerChat } = standing;
  // What names the id that the chat had before still holds.
  const names = formerChat === undefined ? [asker] : [asker, { ...asker, chat: formerChat }];
  const decided = (decision: Decision) => entriesWith(decision, standing, rules.forms);
  const denied = decided("deny").find((entry) => names.some((name) => denies(entry, name)));
  if (denied) return { allowed: false, refused: "denied", entry: `${denied.platform}:${denied.id}` };
  if (standing.isAdmin) return { allowed: true };
  const form = rules.forms.find((candidate) => candidate.platform === asker.platform);
  if (form?.opensToMembers === true && asker.membership === "member") return { allowed: true };
  const allowed = [...rules.allow, ...decided("allow")];
  if (allowed.some((entry) => names.some((name) => admits(entry, name)))) return { allowed: true };
  return refusal(asker, form);
}

function entriesWith(
  wanted: Decision,
  { decisions }: Standing,
  forms: readonly AccessForm[],
): readonly AccessEntry[] {
  return [...decisions]
    .filter(([, decision]) => decision === wanted)
    .map(([entry]) => readEntry(entry, forms))
    .filter((entry) => "kind" in entry);
}

/** True when `asker` is an owner, in any place: by configuration or by the one-time code. */
export function isOwner(asker: Asker, rules: AccessRules, standing: Standing): boolean {
  if (asker.isChat === true) return false;
  const isNamed = rules.admins.some((entry) => entry.platform === asker.platform && isPerson(entry, asker));
  return isNamed || standing.isOwner;
}

function isPerson(entry: AccessEntry, asker: Asker): boolean {
  if (entry.kind === "private") return entry.id === asker.author;
  return entry.kind === "person" && entry.id === `${asker.scope}/${asker.author}`;
}

function admits(entry: AccessEntry, asker: Asker): boolean {
  if (entry.platform !== asker.platform) return false;
  switch (entry.kind) {
    case "everyone":
      return true;
    case "members":
      return entry.id === asker.scope && asker.membership === "member";
    case "chat":
      return entry.id === asker.chat;
    case "person":
      return isPerson(entry, asker);
    case "private":
      return isPerson(entry, asker) && asker.place === "private";
    default:
      return entry.kind satisfies never;
  }
}

/** Wider than {@link admits}: whoever is denied is so wherever they write, and a workspace with its guests. */
function denies(entry: AccessEntry, asker: Asker): boolean {
  if (entry.platform !== asker.platform) return false;
  switch (entry.kind) {
    case "everyone":
      return true;
    case "members":
      return entry.id === asker.scope;
    case "chat":
      // A channel can speak in other chats.
      return entry.id === asker.chat || entry.id === asker.author;
    case "person":
    case "private":
      return isPerson(entry, asker);
    default:
      return entry.kind satisfies never;
  }
}

/** Names the person where people are let in one by one or wrote in private, else the place. */
function refusal(asker: Asker, form: AccessForm | undefined): Access {
  const kinds = form?.entries.map(({ kind }) => kind) ?? [];
  if (kinds.includes("person")) {
    return { allowed: false, refused: "person", entry: `${asker.platform}:${asker.scope}/${asker.author}` };
  }
  if (asker.place === "private") {
    return { allowed: false, refused: "person", entry: `${asker.platform}:${asker.author}` };
  }
  return { allowed: false, refused: "place", entry: `${asker.platform}:${asker.chat}` };
}

/** The entry of `ADMINS` that names `asker` alone. */
export function personEntry(asker: Asker, forms: readonly AccessForm[]): string {
  const form = forms.find((candidate) => candidate.platform === asker.platform);
  const scoped = form?.entries.some(({ kind }) => kind === "person") === true;
  return `${asker.platform}:${scoped ? `${asker.scope}/` : ""}${asker.author}`;
}
