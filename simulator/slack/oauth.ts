/** How people install the app: the page where they agree, and `oauth.v2.access`, which gives the tokens. */

import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Arguments, SlackRefusal, textOf } from "./method.ts";
import type { Team } from "./team.ts";

/** What the app is known by. */
export interface OAuthOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Tokens end after so many seconds and are renewed (token rotation); undefined: they never end. */
  readonly tokenSeconds: number | undefined;
}

interface Code {
  readonly team: Team;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly wholeOrganisation: boolean;
}

/** The app's side of installing. */
export class OAuth {
  readonly clientId: string;
  readonly clientSecret: string;
  /** How long new tokens live; may be changed at any time. */
  tokenSeconds: number | undefined;
  /** What the next visitor of the page does; none: as many as come agree in the first workspace without the app. */
  readonly visitors: ("denies" | { readonly team: Team; readonly wholeOrganisation?: boolean })[] = [];
  readonly #teams: readonly Team[];
  readonly #codes = new Map<string, Code>();
  readonly #usedCodes = new Set<string>();
  readonly #refreshes = new Map<string, { readonly team: Team; readonly token: string }>();

  constructor(teams: readonly Team[], options: Partial<OAuthOptions> = {}) {
    this.#teams = teams;
    this.clientId = options.clientId ?? "1234567890.0987654321";
    this.clientSecret = options.clientSecret ?? "simulated-client-secret-0123456789";
    this.tokenSeconds = options.tokenSeconds;
  }

  /** `/oauth/v2/authorize`: the visitor agrees, or does not, at once. */
  authorize(request: IncomingMessage, response: ServerResponse): void {
    const asked = new URL(request.url ?? "/", "http://simulator").searchParams;
    const redirectUri = asked.get("redirect_uri") ?? "";
    if (asked.get("client_id") !== this.clientId || redirectUri === "") {
      response.writeHead(400).end("invalid_client_id");
      return;
    }
    const visitor = this.visitors.shift() ?? { team: this.#firstWithout() };
    const back = new URL(redirectUri);
    back.searchParams.set("state", asked.get("state") ?? "");
    if (visitor === "denies") back.searchParams.set("error", "access_denied");
    else {
      const scopes = (asked.get("scope") ?? "").split(",");
      back.searchParams.set("code", this.#newCode({ ...visitor, redirectUri, scopes }));
    }
    response.writeHead(302, { location: back.href }).end();
  }

  /** `oauth.v2.access`. @throws SlackRefusal */
  access(args: Arguments): Readonly<Record<string, unknown>> {
    if (textOf(args, "client_id") !== this.clientId) throw new SlackRefusal("invalid_client_id");
    if (textOf(args, "client_secret") !== this.clientSecret) throw new SlackRefusal("bad_client_secret");
    return textOf(args, "grant_type") === "refresh_token"
      ? this.#renew(textOf(args, "refresh_token"))
      : this.#exchange(textOf(args, "code"), textOf(args, "redirect_uri"));
  }

  /** Gives the app a token for a workspace, as if somebody had installed it there. */
  grants(team: Team, scopes: readonly string[]) {
    const secret = randomBytes(12).toString("hex");
    const seconds = this.tokenSeconds;
    const token = `${seconds === undefined ? "" : "xoxe."}xoxb-${team.teamId}-${secret}`;
    const expiresAtMs = seconds === undefined ? undefined : Date.now() + seconds * 1_000;
    team.grants.set(token, { scopes, expiresAtMs });
    team.workspace.changed();
    const common = { access_token: token, token_type: "bot", scope: scopes.join(",") };
    if (seconds === undefined) return { ...common, refresh_token: undefined, expires_in: undefined };
    const refreshToken = `xoxe-1-${randomBytes(12).toString("hex")}`;
    this.#refreshes.set(refreshToken, { team, token });
    return { ...common, refresh_token: refreshToken, expires_in: seconds };
  }

  #firstWithout(): Team {
    const team = this.#teams.find(({ grants }) => grants.size === 0);
    if (team === undefined) throw new Error("The app is installed in every workspace: add one");
    return team;
  }

  #newCode({ wholeOrganisation = false, ...code }: Omit<Code, "wholeOrganisation"> & Partial<Code>): string {
    const id = randomBytes(12).toString("hex");
    this.#codes.set(id, { ...code, wholeOrganisation });
    return id;
  }

  #exchange(id: string, redirectUri: string): Readonly<Record<string, unknown>> {
    const code = this.#codes.get(id);
    if (this.#usedCodes.has(id)) throw new SlackRefusal("code_already_used");
    if (code === undefined) throw new SlackRefusal("invalid_code");
    if (code.redirectUri !== redirectUri) throw new SlackRefusal("bad_redirect_uri");
    this.#codes.delete(id);
    this.#usedCodes.add(id);
    const { team, scopes, wholeOrganisation } = code;
    return {
      ...this.grants(team, scopes),
      bot_user_id: team.botUserId,
      app_id: "A0PARLEY",
      team: wholeOrganisation ? null : { id: team.teamId, name: `Team ${team.teamId}` },
      enterprise: wholeOrganisation ? { id: "E0SIM", name: "Organisation" } : null,
      is_enterprise_install: wholeOrganisation,
      authed_user: { id: "U0INSTALLER" },
    };
  }

  #renew(refreshToken: string): Readonly<Record<string, unknown>> {
    const known = this.#refreshes.get(refreshToken);
    if (known === undefined || !known.team.grants.has(known.token))
      throw new SlackRefusal("invalid_refresh_token");
    this.#refreshes.delete(refreshToken);
    const { team, token } = known;
    const { scopes } = team.grants.get(token) ?? { scopes: [] };
    // The old one lives on to its end.
    return { ...this.grants(team, scopes), bot_user_id: team.botUserId, team: { id: team.teamId } };
  }
}
