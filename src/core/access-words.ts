/** The bot's words about who may use it; a part of `words.ts`. Markdown; ids come in as arguments. */

import { asCode } from "./as-code.ts";

function list(title: string, lines: readonly string[], shown: number): readonly string[] {
  if (lines.length === 0) return [];
  const more = lines.length > shown ? [`- and ${lines.length - shown} more`] : [];
  return [[title, ...lines.slice(0, shown).map((line) => `- ${line}`), ...more].join("\n")];
}

function minute(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export const accessWords = {
  usage: {
    allow:
      "`allow ENTRY` lets somebody in, `deny ENTRY` keeps them out, `allow reset ENTRY` takes either back. An entry is one that the setting `ALLOW` would take.",
    deny: "`deny ENTRY` keeps somebody out, which counts more than any `allow`; `deny reset ENTRY` takes it back. An entry is one that the setting `ALLOW` would take.",
    admins:
      "Owners: `admins add ENTRY`, `admins remove ENTRY` with a person's entry; `admins local on` lets a group's or workspace's own admins change its settings, `admins local off` ends that.",
  },
  faulty: ({ entry, message }: { readonly entry: string; readonly message: string }) =>
    `${asCode(entry)} ${message}. Nothing was changed.`,
  beyondReach: (entry: string) => `Only owners of this bot can decide about ${asCode(entry)}.`,
  denyOwner: (entry: string) => `${asCode(entry)} is an owner, whom nobody can deny. Nothing was changed.`,
  denyAdmin: (entry: string) =>
    `${asCode(entry)} is an admin; only owners can deny them. Nothing was changed.`,
  letAdminIn: (entry: string) =>
    `${asCode(entry)} is an admin who was denied; only owners can let them in again. Nothing was changed.`,
  isOwner: (entry: string) =>
    `${asCode(entry)} is an owner, which no command changes. Owners are named in the setting \`ADMINS\`, or have sent the one-time code.`,
  decided: (entry: string, decision: "allow" | "deny", isSame: boolean) => {
    const state = decision === "allow" ? "allowed" : "denied";
    return isSame ? `${asCode(entry)} was ${state} already.` : `${asCode(entry)} is ${state} from now on.`;
  },
  takenBack: (entry: string, isSame: boolean, isConfigured: boolean) =>
    [
      isSame
        ? `Nothing was decided about ${asCode(entry)}.`
        : `Taken back: nothing is decided about ${asCode(entry)} any more.`,
      ...(isConfigured ? ["The setting `ALLOW` names it all the same."] : []),
    ].join(" "),
  decisions: ({
    waiting,
    allowed,
    denied,
    shown,
    usage,
  }: {
    readonly waiting: readonly { readonly entry: string; readonly name: string; readonly atMs: number }[];
    readonly allowed: readonly string[];
    readonly denied: readonly string[];
    /** So many of each are listed. */
    readonly shown: number;
    readonly usage: string;
  }) => {
    const parts = [
      ...list(
        "Waiting to be let in:",
        waiting.map(({ entry, name, atMs }) => `${asCode(entry)} ${asCode(name)}, since ${minute(atMs)}`),
        shown,
      ),
      ...list("Allowed by command:", allowed.map(asCode), shown),
      ...list("Denied:", denied.map(asCode), shown),
    ];
    const nothing = parts.length === 0 ? ["Nothing was decided by command yet, and nobody waits."] : [];
    return [...parts, ...nothing, usage].join("\n\n");
  },
  allow: "Allow",
  deny: "Deny",
  asks: (subject: "person" | "place", entry: string, name: string) =>
    subject === "person"
      ? `${asCode(name)} (${asCode(entry)}) wrote to me and is not let in yet. May I answer them?`
      : `${asCode(name)} wrote to me in ${asCode(entry)}, where I may not answer yet. May I answer everybody there?`,
  moreAsk: (count: number) =>
    `${count} wait to be let in; I tell of a few in an hour only. \`allow\` lists them.`,
  adminAdded: (entry: string, isSame: boolean) =>
    isSame ? `${asCode(entry)} was an admin already.` : `${asCode(entry)} is an admin from now on.`,
  adminRemoved: (entry: string, isSame: boolean) =>
    isSame ? `${asCode(entry)} was no admin.` : `${asCode(entry)} is no admin any more.`,
  placeAdmins: (isOn: boolean) =>
    isOn
      ? "From now on the own admins of a group or workspace can change its settings."
      : "From now on the own admins of groups and workspaces cannot change settings.",
  admins: ({
    configured,
    byCode,
    added,
    shown,
    trustsPlaceAdmins,
    usage,
  }: {
    readonly configured: readonly string[];
    readonly byCode: readonly string[];
    readonly added: readonly { readonly text: string; readonly by: string | undefined }[];
    readonly shown: number;
    readonly trustsPlaceAdmins: boolean;
    readonly usage: string;
  }) => {
    const owners = [
      ...configured.map((entry) => `${asCode(entry)} (setting \`ADMINS\`)`),
      ...byCode.map((entry) => `${asCode(entry)} (one-time code)`),
    ];
    const admins = added.map(
      ({ text, by }) => `${asCode(text)} (${by === undefined ? "by command" : `added by ${asCode(by)}`})`,
    );
    return [
      ...list("Owners:", owners, shown),
      ...list("Admins:", admins, shown),
      `The own admins of groups and workspaces ${trustsPlaceAdmins ? "can" : "cannot"} change their settings.`,
      usage,
    ].join("\n\n");
  },
} as const;
