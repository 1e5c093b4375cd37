/** Tells owners and admins what they should know, each in their own direct messages: who would like to be let in, with a button for either answer; that a model refuses everybody. */

import { type AccessRules, personKinds, readEntry } from "../access.ts";
import type { AccessRequest, RequestStore } from "../access-requests.ts";
import type { ClosedEndpoint } from "../admission.ts";
import { causeOf, type Events } from "../events.ts";
import type { CommandResponder } from "../platform/command-responder.ts";
import type { PlatformPeople } from "../platform/people.ts";
import type { Platform } from "../platform/platform.ts";
import type { RepairProgress } from "../reply/repair.ts";
import type { AccessStore } from "../standing.ts";
import type { Timing } from "../timing.ts";
import type { TurnStore } from "../turn-store.ts";
import { words } from "../words.ts";
import { type ButtonStore, toButtons } from "./button.ts";
import type { Choice } from "./command-answer.ts";

/** What there is to tell: of one request, or only how many wait; that no call of a model succeeds until somebody mends it. */
export type News =
  | ({ readonly kind: "request" } & AccessRequest)
  | { readonly kind: "requests"; readonly platform: string; readonly scope: string }
  | ({ readonly kind: "closed"; readonly platform: string } & Omit<ClosedEndpoint, "endpoint">);

/** What telling needs; the platform's parts are those of the request's platform. */
export interface AnnounceDependencies {
  readonly platform: Platform;
  readonly responder: CommandResponder;
  readonly people: PlatformPeople;
  readonly rules: AccessRules;
  readonly access: Pick<AccessStore, "all" | "owners">;
  readonly requests: Pick<RequestStore, "waiting">;
  readonly store: Pick<TurnStore, "permit" | "block">;
  readonly buttons: Pick<ButtonStore, "keep">;
  readonly timing: Timing;
  readonly events: Pick<Events, "adminUnreached" | "requestUnheard">;
}

/** Whoever is an admin beyond this number hears of requests by the command `allow`. */
const mostRecipients = 50;

/**
 * Tells each of them, from the one at `from` on. Who cannot be reached is passed over: the request waits in `allow`.
 * @param told notes where to go on, after each: whoever dies in between leaves nobody to be told twice but the one
 * @returns where to go on, and after how many ms; 0 when it is done
 */
export async function announce(
  dependencies: AnnounceDependencies,
  news: News,
  from: number,
  told: (next: number) => Promise<void>,
): Promise<RepairProgress> {
  const { events } = dependencies;
  const message = await toMessage(dependencies, news);
  if (message === undefined) return { from, againMs: 0 };
  const scope = news.kind === "closed" ? undefined : news.scope;
  const recipients = await recipientsOf(dependencies, news.platform, scope);
  if (recipients.length === 0 && news.kind !== "closed") {
    events.requestUnheard({ platform: dependencies.platform.name });
  }
  for (const [index, recipient] of recipients.entries()) {
    if (index < from) continue;
    const againMs = await tell(dependencies, recipient, message);
    if (againMs > 0) return { from: index, againMs };
    await told(index + 1);
  }
  return { from: recipients.length, againMs: 0 };
}

interface Told {
  readonly markdown: string;
  readonly choices: readonly (readonly Choice[])[];
}

/** Undefined when somebody has decided meanwhile. */
async function toMessage({ requests }: AnnounceDependencies, news: News): Promise<Told | undefined> {
  if (news.kind === "closed") {
    return { markdown: words.modelClosed(news.model, news.problem, news.host), choices: [] };
  }
  const waiting = await requests.waiting();
  if (news.kind === "requests") {
    const { platform, scope } = news;
    const { length } = waiting.filter((one) => one.platform === platform && one.scope === scope);
    return length === 0 ? undefined : { markdown: words.access.moreAsk(length), choices: [] };
  }
  const { entry, subject, name } = news;
  if (!waiting.some((one) => one.entry === entry)) return undefined;
  return { markdown: words.access.asks(subject, entry, name), choices: [decisionsOn(entry)] };
}

/**
 * The two buttons with which a request is decided: the commands themselves, with the right of who presses.
 * @param isNamed the labels say about whom
 */
export function decisionsOn(entry: string, isNamed = false): readonly Choice[] {
  const label = (word: string) => (isNamed ? `${word} ${entry}` : word);
  return [
    { label: label(words.access.allow), command: "allow", argument: entry },
    { label: label(words.access.deny), command: "deny", argument: entry },
  ];
}

type RecipientDependencies = Pick<AnnounceDependencies, "rules" | "access"> & {
  readonly people: Pick<PlatformPeople, "scope">;
};

/** Somebody who hears of requests. */
interface Recipient {
  readonly scope: string;
  readonly person: string;
}

/** Owners of the platform, and the admins of a workspace. @param scope undefined: the admins of all of them */
export async function recipientsOf(
  { rules, access, people }: RecipientDependencies,
  platform: string,
  scope: string | undefined,
): Promise<readonly Recipient[]> {
  const ownScope = people.scope ?? "";
  const [owners, admins, decisions] = await Promise.all([
    access.owners(),
    access.all("admins"),
    access.all("access"),
  ]);
  const configured = rules.admins.map((entry) => `${entry.platform}:${entry.id}`);
  const listed = [...admins.keys()].filter((entry) => decisions.get(entry) !== '"deny"');
  const toRecipients = (entry: string): readonly Recipient[] => {
    const read = readEntry(entry, rules.forms, personKinds);
    if (!("kind" in read) || read.platform !== platform) return [];
    const [first = "", second] = read.id.split("/");
    return [second === undefined ? { scope: ownScope, person: first } : { scope: first, person: second }];
  };
  const all = [
    ...[...configured, ...owners].flatMap(toRecipients),
    ...listed.flatMap(toRecipients).filter((one) => scope === undefined || one.scope === scope),
  ];
  const unique = new Map(all.map((one) => [`${one.scope}/${one.person}`, one]));
  return [...unique.values()].slice(0, mostRecipients);
}

/** @returns the ms after which to come again, 0 when it was told or cannot be */
async function tell(
  { platform, responder, people, store, buttons, timing, events }: AnnounceDependencies,
  { scope, person }: Recipient,
  { markdown, choices }: Told,
): Promise<number> {
  const target = people.directChat(scope, person);
  const budgets = platform.limits.budgets(target, "post");
  const permit = await store.permit(undefined, { kind: "final", budgets, shownUtf16: 0 });
  if (permit.kind === "wait") return Math.max(1, permit.waitMs);
  const made = toButtons(choices, responder.buttonBytes);
  await buttons.keep(made.lines);
  const saying = { markdown, audience: "place", buttons: made.buttons } as const;
  const author = { id: person, name: "" };
  const outcome = await responder.respond(target, { author }, saying, AbortSignal.timeout(timing.callMs));
  switch (outcome.kind) {
    case "done":
      return 0;
    case "limited":
      await store.block(outcome);
      return Math.max(1, outcome.retryAfterMs);
    case "unapplied":
      return timing.backoffMaxMs;
    default:
      events.adminUnreached({ platform: platform.name, cause: causeOf(outcome.cause) });
      return 0;
  }
}
