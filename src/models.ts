/** The chat APIs of a worker: from the configuration to what turns and commands ask, and leave to call. */

import { createHash } from "node:crypto";
import { createChatApi, type RetriedCall } from "./adapters/openai/index.ts";
import type { EndpointConfig, OpenAiAccess } from "./config/endpoints.ts";
import { secretsIn } from "./config/secret.ts";
import type { Config } from "./config.ts";
import type { Admission, ClosedEndpoint } from "./core/admission.ts";
import { createEndpoints, type Endpoints } from "./core/endpoints.ts";
import type { Events } from "./core/events.ts";
import { withoutSecrets } from "./core/secret-filter.ts";
import type { Timing } from "./core/timing.ts";
import type { OpenQueue } from "./queue/queue.ts";

/** What they are opened with. */
export interface ModelsOptions {
  readonly queue: OpenQueue;
  readonly timing: Timing;
  readonly events: Pick<Events, "chatApiRetried">;
  /** Told in one process, once, that a model refuses everybody. */
  readonly onClosed: (closed: ClosedEndpoint) => void;
}

/** Opened chat APIs. */
export interface OpenModels {
  readonly endpoints: Endpoints;
  readonly admission: Admission;
  /** The model that answers unless another one is chosen. */
  readonly model: string;
}

/** Opens every endpoint of `config`; nothing is connected yet. Closed by `stack`. */
export function openModels(
  stack: AsyncDisposableStack,
  config: Config,
  { queue, timing, events, onClosed }: ModelsOptions,
): OpenModels {
  if (config.openai === undefined) throw new Error("A worker needs the configuration of a chat API.");
  const { endpoints, firstTokenTimeoutMs: firstTokenMs, model } = config.openai;
  const asksAgain = endpoints.length === 1;
  const secrets = secretsIn(config);
  const opened = endpoints.map((endpoint) => {
    const id = toEndpoint(endpoint);
    const refused = stack.use(queue.openRefusedParameters(id));
    const onRetry = (failed: RetriedCall) => events.chatApiRetried({ endpoint: id, ...failed });
    const own = { ...accountOf(endpoint), firstTokenMs, timing, refused, asksAgain, onRetry };
    const api = stack.use(createChatApi(own));
    return { id, chatApi: withoutSecrets(api, secrets), catalogue: api, models: endpoint.models };
  });
  const caps = new Map(endpoints.map((endpoint) => [toEndpoint(endpoint), endpoint.caps]));
  const hosts = new Map(endpoints.map((endpoint) => [toEndpoint(endpoint), new URL(endpoint.baseUrl).host]));
  const tell = (closed: ClosedEndpoint) => {
    const host = asksAgain ? undefined : hosts.get(closed.endpoint);
    onClosed(host === undefined ? closed : { ...closed, host });
  };
  const admission = stack.use(queue.openAdmission({ caps, onClosed: tell }));
  return { endpoints: createEndpoints(opened), admission, model };
}

/** Who we are at a chat API, with the secrets in it: for its client only. */
export function accountOf({ apiKey, baseUrl, proxyUrl, organization, project }: OpenAiAccess) {
  return { apiKey: apiKey?.reveal() ?? "", baseUrl, proxyUrl: proxyUrl?.reveal(), organization, project };
}

/** What has limits of its own, for Redis and the log: it names the host and tells keys apart without naming them. */
function toEndpoint({ baseUrl, apiKey, organization, project }: EndpointConfig): string {
  const account = [baseUrl, apiKey?.reveal(), organization, project].join("\n");
  const digest = createHash("sha256").update(account).digest("hex").slice(0, 12);
  return `${new URL(baseUrl).host}#${digest}`;
}
