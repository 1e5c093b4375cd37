/** How chat APIs are used. */

import { combinationProblems, isModelNeeded } from "./combinations.ts";
import {
  type EndpointConfig,
  type EndpointsContext,
  type OpenAiAccess,
  type ReadEndpoints,
  readEndpoints,
} from "./endpoints.ts";
import { showValue } from "./problems.ts";
import { Secret } from "./secret.ts";
import { type Settings, type SettingTexts, settings } from "./settings.ts";

/** The part of the configuration that is about models. */
export interface OpenAiConfig {
  readonly model: string;
  readonly firstTokenTimeoutMs: number;
  /** In the operator's order, at least one. */
  readonly endpoints: readonly EndpointConfig[];
}

/**
 * @param model true with `--model`
 * @param listed the endpoints of `ENDPOINTS`, where that is set
 * @returns undefined where no model is called
 */
export function toOpenAi(
  values: Settings,
  model: boolean,
  listed: readonly EndpointConfig[] | undefined,
): OpenAiConfig | undefined {
  if (values.OPENAI_MODEL === undefined || !isModelNeeded(values, model)) return undefined;
  const only = {
    ...openAiAccess(values),
    models: undefined,
    caps: {
      requestsPerMinute: values.OPENAI_RPM,
      tokensPerMinute: values.OPENAI_TPM,
      requestsPerDay: values.OPENAI_RPD,
      tokensPerDay: values.OPENAI_TPD,
    },
  };
  return {
    model: values.OPENAI_MODEL,
    firstTokenTimeoutMs: values.OPENAI_FIRST_TOKEN_TIMEOUT,
    endpoints: listed ?? [only],
  };
}

/** The endpoints that `ENDPOINTS` lists; undefined where that is not set. */
export function listedEndpoints(
  given: SettingTexts,
  from: Pick<EndpointsContext, "variables" | "readFile">,
): ReadEndpoints | undefined {
  if (given.ENDPOINTS === undefined) return undefined;
  const { OPENAI_PROXY_URL: proxy, OPENAI_MODEL: model } = given;
  const proxyUrl = proxy === undefined ? undefined : new Secret(proxy);
  const trustedHosts = (given.INSECURE_HOSTS ?? "").toLowerCase().split(/[\s,]+/);
  const read = readEndpoints(given.ENDPOINTS, { ...from, proxyUrl, trustedHosts });
  const isServed = read.endpoints.some(({ models }) => models?.has(model?.trim() ?? "") ?? true);
  if (isServed || model === undefined || read.problems.length > 0) return read;
  const message = "is served by none of ENDPOINTS.";
  return { ...read, problems: [{ name: "OPENAI_MODEL", message, got: showValue(model, false) }] };
}

/** How to reach the one chat API, of texts of which others may be wrong; undefined where its own are not all right. */
export function toOpenAiAccess(given: SettingTexts): OpenAiAccess | undefined {
  if (given.OPENAI_API_KEY === undefined && given.OPENAI_BASE_URL === undefined) return undefined;
  const names = [
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_PROXY_URL",
    "OPENAI_ORGANIZATION",
    "OPENAI_PROJECT",
  ] as const;
  const relevant = Object.fromEntries(names.map((name) => [name, given[name]]));
  const parsed = settings.safeParse(relevant);
  const exposed = combinationProblems(given, false).some(({ name }) => name === "OPENAI_BASE_URL");
  return parsed.success && !exposed ? openAiAccess(parsed.data) : undefined;
}

function openAiAccess(values: Settings): OpenAiAccess {
  return {
    apiKey: values.OPENAI_API_KEY,
    baseUrl: values.OPENAI_BASE_URL ?? "https://api.openai.com/v1",
    proxyUrl: values.OPENAI_PROXY_URL,
    organization: values.OPENAI_ORGANIZATION,
    project: values.OPENAI_PROJECT,
  };
}
