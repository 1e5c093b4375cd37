/** Why a Redis cannot be used, in a sentence that says what to do. Its server is named, its password never. */

const remedies: readonly (readonly [pattern: RegExp, say: (place: string) => string])[] = [
  [/^WRONGPASS|invalid password/i, (place) => `${place} refuses the user name or password of REDIS_URL.`],
  [
    /^NOAUTH/,
    (place) =>
      `${place} wants a password: REDIS_URL=${place.startsWith("/") ? `${place}?password=…` : `redis://:…@${place}`}`,
  ],
  [/without any password configured/, (place) => `${place} has no password, and REDIS_URL brings one.`],
  [
    /^NOPERM/,
    (place) => `${place} lets the user of REDIS_URL do too little: Parley needs all commands on all keys.`,
  ],
  [/DB index is out of range/, (place) => `${place} has no database of the number in REDIS_URL.`],
  [/wrong version number|packet length too long/i, (place) => `${place} speaks no TLS: REDIS_URL=redis://…`],
];

/**
 * @param error what a client threw, or told last before it gave up
 * @param url where it was to connect; only its host and port are shown
 */
export function explainRedis(error: unknown, url: string): string {
  const place = placeOf(url);
  const message = error instanceof Error ? error.message : "";
  const remedy = remedies.find(([pattern]) => pattern.test(message));
  if (remedy !== undefined) return remedy[1](place);
  // A server's refusal begins with its code; what it quotes of the request stays out.
  const refusal = /^[A-Z]{3,20}\b/.exec(message)?.[0];
  if (error instanceof Error && error.name === "ReplyError" && refusal !== undefined)
    return `${place} refuses to answer (${refusal}).`;
  return `${place} cannot be reached (${codeOf(error) ?? "no answer"}). Does it run, and is REDIS_URL right?`;
}

/** Host and port, or the path of a socket; never what stands before or behind them. */
function placeOf(url: string): string {
  return url.includes("://") && URL.canParse(url) ? new URL(url).host : (url.split("?", 1)[0] ?? "");
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return /^connect (E[A-Z]+)/.exec(error.message)?.[1];
}
