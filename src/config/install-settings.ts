/** The settings that let people install the Slack app in workspaces of their own. */

import { optional } from "./declare.ts";
import { Secret } from "./secret.ts";
import { baseUrl } from "./urls.ts";
import { checked, line, type SettingType, secret } from "./values.ts";

/** Why `text` is no key for encryption, or undefined when it is one: 32 bytes that look like chance. */
function keyFault(text: string): string | undefined {
  const bytes = toKey(text);
  if (bytes?.length !== 32) return "takes 32 random bytes in base64: openssl rand -base64 32";
  const isText = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  const steps = bytes.map((byte, index) => byte - (bytes[index - 1] ?? 0)).subarray(1);
  // 32 random bytes have 30 different ones, and hardly ever fewer than 20.
  if (isText || new Set(bytes).size < 20 || new Set(steps).size < 8)
    return "is not random. Make it with: openssl rand -base64 32";
  return undefined;
}

function toKey(text: string): Buffer | undefined {
  if (/^[\da-f]{64}$/i.test(text)) return Buffer.from(text, "hex");
  return /^[A-Za-z\d+/_-]{43}=?$/.test(text) ? Buffer.from(text, "base64") : undefined;
}

/** The bytes of a key that was accepted. */
export function keyBytes(key: Secret): Buffer {
  const bytes = toKey(key.reveal());
  if (bytes === undefined) throw new Error("Not a key that was accepted");
  return bytes;
}

/** One key, or several separated by commas. */
function keys(most: number): SettingType<readonly Secret[]> {
  return checked(
    (text) => (listed(text).length > most ? "takes one key." : listed(text).map(keyFault).find(Boolean)),
    (text) => listed(text).map((part) => new Secret(part)),
  );
}

const teamList = checked(
  (text) =>
    listed(text).every((team) => /^T[A-Z\d]{2,}$/.test(team))
      ? undefined
      : "takes the ids of workspaces, which begin with T, separated by commas.",
  listed,
);

function listed(text: string): readonly string[] {
  return text.split(",").map((part) => part.trim());
}

const group = "Slack" as const;
const exampleKey = "the-output-of-openssl-rand-base64-32";

/** The settings by the names of their variables. */
export const slackInstallSettings = {
  SLACK_CLIENT_ID: optional(line, {
    group,
    about:
      "The app's client id (Basic Information → App Credentials). Setting it lets people install the app in several workspaces, at `/slack/install`; `SLACK_BOT_TOKEN` is then not used. See [several workspaces](slack.md#several-workspaces).",
    example: "1234567890.1234567890",
  }),
  SLACK_CLIENT_SECRET: optional(secret("a Slack client secret", /^[\w-]{16,}$/), {
    group,
    about: "The app's client secret (Basic Information → App Credentials). Needed with `SLACK_CLIENT_ID`.",
    example: "the-32-characters-of-the-client-secret",
    secret: true,
  }),
  SLACK_TOKEN_KEY: optional(keys(1), {
    group,
    about:
      "Encrypts the workspaces' tokens in Redis: 32 random bytes in base64 (`openssl rand -base64 32`). Needed with `SLACK_CLIENT_ID`. Whoever loses it has every workspace install the app again.",
    example: exampleKey,
    secret: true,
  }),
  SLACK_TOKEN_KEY_OLD: optional(keys(10), {
    group,
    about:
      "Earlier values of `SLACK_TOKEN_KEY`, separated by commas: they still decrypt, and what they decrypt is encrypted anew when it is next used. `npm run check` says when none is needed any more.",
    example: exampleKey,
    secret: true,
  }),
  SLACK_PUBLIC_URL: optional(baseUrl(), {
    group,
    about:
      "The address under which `PORT` is reached from the internet, for installs: `/slack/install` and `/slack/oauth_redirect` are added to it. Needed with `SLACK_CLIENT_ID`.",
    example: "https://parley.example.com",
  }),
  SLACK_INSTALL_TEAMS: optional(teamList, {
    group,
    about:
      "The only workspaces that may install the app, by their ids, separated by commas. Empty: any workspace; their full members then use your model.",
    example: "T0123ABCD,T0456EFGH",
  }),
};
