/** Lets people install the app in their own workspaces: Slack's OAuth, by `@slack/oauth`, at two addresses of ours. */

import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Installation as BoltInstallation } from "@slack/bolt";
import { InstallProvider, InvalidStateError, MissingStateError } from "@slack/oauth";
import type { Events } from "../../core/events.ts";
import type { InstallationStore } from "../../core/installations.ts";
import type { HttpReply, HttpRequest, HttpRoute } from "../../core/platform/intake.ts";
import { words } from "../../core/words.ts";
import { platformName } from "./address.ts";
import type { SlackClient } from "./client.ts";
import { toCredentials, toStoredCredentials } from "./credentials.ts";
import { privacy, toPage } from "./install-pages.ts";
import { createStateStore, stateSeconds, TooManyInstalls } from "./install-state.ts";
import { botScopes } from "./scopes.ts";

/** What the operator sets, to let people install the app. */
export interface InstallOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Signs the states of installs under way; the same in every process. */
  readonly stateSecret: string;
  /** Where people reach us, without a trailing slash. */
  readonly publicUrl: string;
  /** The workspaces that may install it; empty: all. */
  readonly teams: readonly string[];
}

/** What the installer works with. */
export interface InstallerParts extends InstallOptions {
  /** Without a token. */
  readonly client: SlackClient;
  /** The Web API; ends in `/api/`. */
  readonly apiUrl: string;
  readonly installations: InstallationStore;
  readonly events: Events;
}

/** Where an install begins. */
const installPath = "/slack/install";
/** Where Slack sends the browser afterwards. */
export const redirectPath = "/slack/oauth_redirect";

/** Only our own host reads or sets a cookie of this name. */
const stateCookieName = "__Host-parley-install";

/** The two addresses. Nothing that comes to them is logged but Slack's own error codes. */
export function createInstallRoutes(parts: InstallerParts): readonly HttpRoute[] {
  const provider = createProvider(parts);
  return [
    { method: "GET", path: installPath, handle: (request) => begin(provider, request) },
    { method: "GET", path: redirectPath, handle: (request) => complete(parts, provider, request) },
  ];
}

function createProvider(parts: InstallerParts): InstallProvider {
  const { clientId, clientSecret, stateSecret, publicUrl, client, apiUrl, installations } = parts;
  const { logger, ...clientOptions } = client.options;
  return new InstallProvider({
    clientId,
    clientSecret,
    stateStore: createStateStore(stateSecret, installations),
    stateCookieName,
    stateCookieExpirationSeconds: stateSeconds,
    directInstall: true,
    installUrlOptions: { scopes: [...botScopes], redirectUri: `${publicUrl}${redirectPath}` },
    installationStore: {
      storeInstallation: (installation) => store(parts, installation),
      fetchInstallation: () => Promise.reject(new Error("Installations are read elsewhere")),
    },
    authorizationUrl: new URL("../oauth/v2/authorize", apiUrl).href,
    clientOptions,
    ...(logger === undefined ? {} : { logger }),
  });
}

async function begin(provider: InstallProvider, request: HttpRequest): Promise<HttpReply> {
  const [asked, answered] = toExchange(installPath, request);
  await provider.handleInstallPath(asked, answered);
  const location = String(answered.getHeader("location"));
  return { status: 302, headers: { ...privacy, location, ...cookieOf(answered) } };
}

async function complete(
  parts: InstallerParts,
  provider: InstallProvider,
  request: HttpRequest,
): Promise<HttpReply> {
  const { events } = parts;
  let page = toPage(500, words.install.failed);
  const [asked, answered] = toExchange(redirectPath, request);
  await provider.handleCallback(asked, answered, {
    afterInstallation: async (installation) => {
      const { token, refreshToken } = installation.bot ?? {};
      events.conceal([token, refreshToken].filter((secret) => secret !== undefined));
      const refused = refusal(parts, installation);
      if (refused === undefined) return true;
      events.installRefused({ platform: platformName, cause: refused.cause });
      await giveBack(parts, installation);
      page = toPage(403, refused.sentence);
      return false;
    },
    success: (installation) => {
      events.placeInstalled({ platform: platformName, scope: installation.team?.id ?? "" });
      page = toPage(200, words.install.done);
    },
    failure: (error) => {
      events.installRefused({ platform: platformName, cause: codeOf(error) });
      page = failurePage(error, request.query.get("error"));
    },
  });
  return { ...page, headers: { ...page.headers, ...cookieOf(answered) } };
}

/** Why an installation that Slack has made is not taken, if it is not. */
function refusal(
  { teams }: InstallerParts,
  installation: BoltInstallation,
): { readonly cause: string; readonly sentence: string } | undefined {
  const { team, isEnterpriseInstall } = installation;
  if (isEnterpriseInstall === true || toCredentials(installation) === undefined)
    return { cause: "not of one workspace", sentence: words.install.oneWorkspace };
  if (teams.length > 0 && !teams.includes(team?.id ?? ""))
    return {
      cause: `workspace ${team?.id} is not one of SLACK_INSTALL_TEAMS`,
      sentence: words.install.notInvited,
    };
  return undefined;
}

/** A token that is not wanted is not left lying about. */
async function giveBack({ client, events }: InstallerParts, { bot }: BoltInstallation): Promise<void> {
  const method = "auth.revoke";
  if (bot === undefined) return;
  await client
    .as(bot.token)
    .web.auth.revoke()
    .catch((error: unknown) => {
      events.callFailed({
        platform: platformName,
        method,
        outcome: "token kept by Slack",
        cause: codeOf(error),
      });
    });
}

async function store({ installations }: InstallerParts, installation: BoltInstallation): Promise<void> {
  const credentials = toCredentials(installation);
  if (credentials === undefined) throw new Error("Nothing to be stored");
  const place = { platform: platformName, scope: credentials.teamId };
  await installations.save(place, toStoredCredentials(credentials));
}

function failurePage(error: Error, told: string | null): HttpReply {
  if (told === "access_denied") return toPage(200, words.install.cancelled);
  if (error instanceof TooManyInstalls) return toPage(429, words.install.busy);
  const isForeign = error instanceof InvalidStateError || error instanceof MissingStateError;
  return isForeign ? toPage(400, words.install.notBegunHere) : toPage(502, words.install.failed);
}

/** Slack's own code, or the library's: never a message, which may quote the request. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const data = "data" in error ? (error.data as { readonly error?: unknown } | undefined) : undefined;
  const code = data?.error ?? ("code" in error ? error.code : error.name);
  return /^[\w.]{1,80}$/.test(String(code)) ? String(code) : error.name;
}

/** The library speaks Node's own types; ours holds the same in less. No socket is opened. */
function toExchange(path: string, { headers, query }: HttpRequest): [IncomingMessage, ServerResponse] {
  const asked = new IncomingMessage(new Socket());
  asked.method = "GET";
  asked.url = `${path}?${query}`;
  // It is read for an address to resolve against, and what a stranger writes there need not be one.
  asked.headers = { ...headers, host: "localhost" };
  return [asked, new ServerResponse(asked)];
}

/** The library sets no SameSite; the redirect from Slack is a navigation, which `Lax` lets through. */
function cookieOf(answered: ServerResponse): Readonly<Record<string, string>> {
  const cookie = answered.getHeader("set-cookie");
  return cookie === undefined ? {} : { "set-cookie": `${String(cookie)}; SameSite=Lax` };
}
