/** Events API by HTTP: signed requests to the app's Request URL, three seconds of patience, delivery again. */

import { Agent, type IncomingHttpHeaders, request } from "node:http";
import {
  Deliverer,
  type Delivery,
  type DeliveryTiming,
  type OpenDelivery,
  type Outcome,
} from "./deliverer.ts";
import { signatureHeaders } from "./signing.ts";

/** What goes wrong with one delivery. */
export type DeliveryFault =
  /** The app answers, and the answer never reaches Slack. */
  | { readonly kind: "answer-lost" }
  /** Slack's patience is over after `ms`, though the app is still at work. */
  | { readonly kind: "impatient"; readonly ms: number }
  /** The same request arrives twice at the same time. */
  | { readonly kind: "twice" }
  /** Signed with a time that is off by `ms`. */
  | { readonly kind: "clock-off"; readonly ms: number }
  /** Signed with another secret. */
  | { readonly kind: "other-secret" };

interface Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Slack's side of all requests to the app. */
export class HttpDelivery extends Deliverer {
  readonly #timing: DeliveryTiming;
  readonly #secret: string;
  /** Shorter than servers keep idle connections: Slack's requests do not meet one that is just being closed. */
  readonly #agent = new Agent({ keepAlive: true, timeout: 1_000 });
  readonly #faults: DeliveryFault[] = [];
  #url: string | undefined;

  constructor(timing: DeliveryTiming, changed: () => void, keepDeliveries: number, secret: string) {
    super(timing, changed, keepDeliveries);
    this.#timing = timing;
    this.#secret = secret;
  }

  /** Where the app is; undefined: Slack does not deliver by HTTP. */
  get url(): string | undefined {
    return this.#url;
  }

  /**
   * Sets the Request URL, as in the app's settings.
   * @throws when the app does not give the challenge back
   */
  async verify(url: string): Promise<void> {
    const challenge = `challenge-${Math.random()}`;
    const asked = { token: "verification-token-unused", challenge, type: "url_verification" };
    const { status, text } = await this.#post(url, "events_api", asked, {});
    if (status !== 200 || !text.includes(challenge))
      throw new Error(`The Request URL did not respond with the value of the challenge parameter: ${status}`);
    this.#url = url;
    this.changed();
  }

  /** The app has moved, as behind a load balancer: nothing is asked, attempts that are still to come go there. */
  moves(url: string | undefined): void {
    this.#url = url;
  }

  /** The next `times` deliveries meet `fault`. */
  next(fault: DeliveryFault, times = 1): void {
    this.#faults.push(...Array.from({ length: times }, () => fault));
  }

  override close(): void {
    super.close();
    this.#agent.destroy();
  }

  protected async carry(delivery: OpenDelivery): Promise<Outcome> {
    const fault = this.#faults.shift();
    try {
      const url = this.#url;
      if (url === undefined) throw new Error("There is no Request URL");
      const post = () => this.#post(url, delivery.type, delivery.payload, retryHeaders(delivery), fault);
      const [{ status, headers, text }] = await Promise.all([post(), fault?.kind === "twice" ? post() : 0]);
      delivery.status = status;
      if (fault?.kind === "answer-lost") return failure("connection_failed");
      if (status >= 200 && status < 300) return { acked: true, answer: answerIn(headers, text) };
      return failure("http_error", headers["x-slack-no-retry"] !== "1");
    } catch (error) {
      return failure(error instanceof Impatience ? "http_timeout" : "connection_failed");
    }
  }

  #post(
    url: string,
    type: Delivery["type"],
    payload: Delivery["payload"],
    more: Readonly<Record<string, string>>,
    fault?: DeliveryFault,
  ): Promise<Response> {
    const { contentType, body } = encode(type, payload);
    const signedAtMs = Date.now() + (fault?.kind === "clock-off" ? fault.ms : 0);
    const secret = fault?.kind === "other-secret" ? `${this.#secret}-other` : this.#secret;
    const headers = {
      "content-type": contentType,
      "content-length": String(Buffer.byteLength(body)),
      accept: "*/*",
      "accept-encoding": "gzip,deflate",
      "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
      ...signatureHeaders(secret, body, signedAtMs),
      ...more,
    };
    const patienceMs = fault?.kind === "impatient" ? fault.ms : this.#timing.ackMs;
    return this.#exchange(url, headers, body, patienceMs);
  }

  #exchange(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    patienceMs: number,
  ): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const asked = request(url, { method: "POST", agent: this.#agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
      response.once("error", reject);
    });
    asked.once("error", reject);
    asked.end(body);
    // Only patience ends: the app goes on with what it has been told.
    const timer = this.later(patienceMs, () => reject(new Impatience()));
    return promise.finally(() => this.cancel(timer));
  }
}

class Impatience extends Error {}

function failure(reason: string, again = true): Outcome {
  return { acked: false, reason, again };
}

/** Events are JSON, commands a form, interactions JSON in a form. */
function encode(type: Delivery["type"], payload: Delivery["payload"]) {
  if (type === "events_api") return { contentType: "application/json", body: JSON.stringify(payload) };
  const contentType = "application/x-www-form-urlencoded";
  if (type === "interactive")
    return { contentType, body: String(new URLSearchParams({ payload: JSON.stringify(payload) })) };
  const fields = Object.entries(payload).map(([name, value]): [string, string] => [name, String(value)]);
  return { contentType, body: String(new URLSearchParams(fields)) };
}

function retryHeaders({ attempt, retryReason }: Delivery): Readonly<Record<string, string>> {
  if (attempt === 0) return {};
  return { "x-slack-retry-num": String(attempt), "x-slack-retry-reason": retryReason ?? "unknown_error" };
}

/** An acknowledgement's body: a message as JSON, or plain text. */
function answerIn(headers: IncomingHttpHeaders, text: string): unknown {
  if (text === "") return undefined;
  return headers["content-type"]?.startsWith("application/json") ? JSON.parse(text) : { text };
}
