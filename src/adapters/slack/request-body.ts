/** What Slack says by HTTP: events as JSON, slash commands as a form, interactions as JSON in a form. */

/** One request, read. */
export type SlackRequest =
  /** Asks whether somebody answers at all; it carries nothing to act on, whatever is in it. */
  | { readonly kind: "ssl-check" }
  /** Asked once, when the address is set: only who gives the challenge back may have the events. */
  | { readonly kind: "url-verification"; readonly challenge: string }
  | { readonly kind: "delivery"; readonly body: SlackBody };

/** The fields of a delivery; nothing in it has been looked at. */
export type SlackBody = Readonly<Record<string, unknown>>;

/** No delivery will make this readable. */
export class UnreadableRequest extends Error {
  override readonly name = "UnreadableRequest";
}

/** A real check is `ssl_check=1&token=…`. */
const sslCheckMaxBytes = 4_096;
const challengeMaxUtf16 = 1_000;

/** True for Slack's certificate check, which may come unsigned. Cheap: nothing large is parsed for strangers. */
export function isSslCheck(contentType: string | undefined, body: Buffer): boolean {
  if (body.length > sslCheckMaxBytes || mediaType(contentType) !== "application/x-www-form-urlencoded")
    return false;
  return new URLSearchParams(body.toString("utf8")).getAll("ssl_check").includes("1");
}

/**
 * Reads an authentic request.
 * @throws UnreadableRequest when it is neither JSON nor a form, or not an object
 */
export function parseSlackRequest(contentType: string | undefined, body: Buffer): SlackRequest {
  const fields = parseFields(mediaType(contentType), body.toString("utf8"));
  if (fields.ssl_check === "1") return { kind: "ssl-check" };
  if (fields.type !== "url_verification") return { kind: "delivery", body: fields };
  const { challenge } = fields;
  if (typeof challenge !== "string" || challenge.length > challengeMaxUtf16)
    throw new UnreadableRequest("a url_verification without a challenge");
  return { kind: "url-verification", challenge };
}

function mediaType(contentType: string | undefined): string {
  return (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

function parseFields(type: string, text: string): SlackBody {
  switch (type) {
    case "application/json":
      return parseObject(text);
    case "application/x-www-form-urlencoded": {
      const form = new URLSearchParams(text);
      const payload = form.get("payload");
      // A check with a payload is a check: what was smuggled in is not even read.
      const isCheck = form.getAll("ssl_check").includes("1");
      if (isCheck) return { ssl_check: "1" };
      return payload === null ? Object.fromEntries(form) : parseObject(payload);
    }
    default:
      throw new UnreadableRequest("neither JSON nor a form");
  }
}

function parseObject(text: string): SlackBody {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new UnreadableRequest("not a JSON object");
  return value as SlackBody;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // Only our message is logged: the parser's own quotes what people have written.
    throw new UnreadableRequest("not JSON", { cause });
  }
}
