/** The text of `ENDPOINTS` → the chat APIs that it names, or everything that is wrong with it. */

import { closest } from "fastest-levenshtein";
import { z } from "zod";
import { type Problem, showValue } from "./problems.ts";
import type { Secret } from "./secret.ts";
import { baseUrl, exposure, proxiedExposure } from "./urls.ts";
import { line, type SettingType, secret } from "./values.ts";

/** How a chat API is reached. */
export interface OpenAiAccess {
  readonly apiKey: Secret | undefined;
  readonly baseUrl: string;
  readonly proxyUrl: Secret | undefined;
  readonly organization: string | undefined;
  readonly project: string | undefined;
}

/** One chat API, in one account. */
export interface EndpointConfig extends OpenAiAccess {
  /** Our names of the models that it serves → its own names; undefined: it serves whatever is asked for. */
  readonly models: ReadonlyMap<string, string> | undefined;
  /** The most that is used of one model, whatever its server allows; undefined: no limit of ours. */
  readonly caps: {
    readonly requestsPerMinute: number | undefined;
    readonly tokensPerMinute: number | undefined;
    readonly requestsPerDay: number | undefined;
    readonly tokensPerDay: number | undefined;
  };
}

/** What else has a say. */
export interface EndpointsContext {
  /** Every variable, known or not: keys may stand in any. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Reads the file of a path; throws where it cannot. */
  readonly readFile: (path: string) => string;
  readonly proxyUrl: Secret | undefined;
  /** As `exposure` takes them. */
  readonly trustedHosts: readonly string[];
}

/** What reading came to. */
export interface ReadEndpoints {
  /** Those that could be read: all of them where there is no problem. */
  readonly endpoints: readonly EndpointConfig[];
  readonly problems: readonly Problem[];
  /** The variables that hold keys. */
  readonly keyNames: readonly string[];
}

const key = secret("an OpenAI key");
const modelName = z.string().min(1);

/** A field with text in it, read as the setting of its kind. */
function words<T>(type: SettingType<T>) {
  return z.string({ error: "takes a text." }).pipe(type);
}

function count(unit: string) {
  const error = `takes ${unit} as a whole number from 1.`;
  return z.int({ error }).min(1, { error }).optional();
}

const entry = z.strictObject(
  {
    baseUrl: words(baseUrl()),
    apiKey: words(key).optional(),
    apiKeyFrom: words(line).optional(),
    organization: words(line).optional(),
    project: words(line).optional(),
    models: z
      .union([z.array(modelName).min(1), z.record(modelName, modelName)], {
        error: 'takes names, ["…"], or names and what they are called there, {"…": "…"}.',
      })
      .optional(),
    rpm: count("requests"),
    tpm: count("tokens"),
    rpd: count("requests"),
    tpd: count("tokens"),
    proxy: z.literal(false, { error: "takes false, or is left out." }).optional(),
  },
  // What is unknown is named one by one.
  { error: (issue) => (issue.code === "unrecognized_keys" ? undefined : "takes an object.") },
);
type Entry = z.output<typeof entry>;
const list = z.array(z.unknown(), { error: "takes a list of endpoints." }).min(1, {
  error: "takes a list of at least one endpoint.",
});

/** Reads the setting. Pure but for the file that it may name. */
export function readEndpoints(text: string, context: EndpointsContext): ReadEndpoints {
  const parsed = parseText(text, context.readFile);
  if ("problem" in parsed) return { endpoints: [], problems: [parsed.problem], keyNames: [] };
  const read = parsed.entries.map((one, index) => readEntry(one, `ENDPOINTS[${index}]`, context));
  const problems = [...read.flatMap((one) => one.problems), ...twins(read.map((one) => one.endpoint))];
  const endpoints = read.flatMap(({ endpoint }) => endpoint ?? []);
  return { endpoints, problems, keyNames: parsed.entries.flatMap(keyNameOf) };
}

function parseText(
  text: string,
  readFile: EndpointsContext["readFile"],
): { readonly entries: readonly unknown[] } | { readonly problem: Problem } {
  const problem = (message: string) => ({
    problem: { name: "ENDPOINTS", message, got: showValue(text, true) },
  });
  // Whatever begins like JSON is meant as such: a path that begins so would be a strange one.
  const isJson = /^\s*[[{"]/.test(text);
  let json = text;
  try {
    if (!isJson) json = readFile(text.trim());
  } catch {
    return problem("takes JSON, or the path of a file that can be read.");
  }
  try {
    const parsed = list.safeParse(JSON.parse(json));
    return parsed.success ? { entries: parsed.data } : problem(parsed.error.issues[0]?.message ?? "");
  } catch {
    // JSON's own message would quote what stands there, which may be a key.
    return problem(isJson ? "is not JSON." : "names a file that is not JSON.");
  }
}

function keyNameOf(one: unknown): string[] {
  const parsed = z.object({ apiKeyFrom: z.string() }).safeParse(one);
  return parsed.success ? [parsed.data.apiKeyFrom] : [];
}

function readEntry(
  one: unknown,
  name: string,
  context: EndpointsContext,
): { readonly endpoint?: EndpointConfig; readonly problems: readonly Problem[] } {
  const parsed = entry.safeParse(one);
  if (!parsed.success) return { problems: parsed.error.issues.flatMap((issue) => toProblems(issue, name)) };
  const keyed = readKey(parsed.data, name, context);
  const proxyUrl = parsed.data.proxy === false ? undefined : context.proxyUrl;
  const address = parsed.data.baseUrl;
  const exposed =
    exposure(address, context.trustedHosts) ??
    (proxyUrl && proxiedExposure(address, proxyUrl.reveal().trim(), context.trustedHosts));
  const problems = [...keyed.problems];
  if (exposed !== undefined) {
    problems.push({ name: `${name}.baseUrl`, message: exposed, got: JSON.stringify(address) });
  }
  return problems.length > 0
    ? { problems }
    : { problems, endpoint: toEndpoint(parsed.data, keyed.key, proxyUrl) };
}

function toProblems(issue: z.core.$ZodIssue, name: string): Problem[] {
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(entry.shape);
    return issue.keys.map((field) => ({
      name,
      message: `has the field ${showValue(field, false)}, which is none of an endpoint's. Nearest: ${closest(field, known)}.`,
    }));
  }
  const [field] = issue.path;
  const isAbsent = field === "baseUrl" && issue.code === "invalid_type" && issue.input === undefined;
  const message = isAbsent ? "is missing, or no text." : issue.message;
  return [{ name: field === undefined ? name : `${name}.${String(field)}`, message }];
}

function readKey(
  { apiKey, apiKeyFrom }: Entry,
  name: string,
  { variables }: EndpointsContext,
): { readonly key: Secret | undefined; readonly problems: readonly Problem[] } {
  if (apiKeyFrom === undefined) return { key: apiKey, problems: [] };
  const problem = (message: string) => ({
    key: undefined,
    problems: [{ name: `${name}.apiKeyFrom`, message, got: showValue(apiKeyFrom, false) }],
  });
  if (apiKey !== undefined) return problem("is set beside apiKey; one of the two is enough.");
  const value = variables[apiKeyFrom];
  if (value === undefined || value === "") return problem("names a variable that is not set.");
  const parsed = key.safeParse(value);
  if (parsed.success) return { key: parsed.data, problems: [] };
  return problem(`names a variable whose value ${parsed.error.issues[0]?.message ?? "is no key."}`);
}

function toEndpoint(
  { baseUrl: address, organization, project, models, rpm, tpm, rpd, tpd }: Entry,
  apiKey: Secret | undefined,
  proxyUrl: Secret | undefined,
): EndpointConfig {
  const names = Array.isArray(models)
    ? models.map((model) => [model, model] as const)
    : Object.entries(models ?? {});
  return {
    apiKey,
    baseUrl: address,
    proxyUrl,
    organization,
    project,
    models: models === undefined ? undefined : new Map(names),
    caps: { requestsPerMinute: rpm, tokensPerMinute: tpm, requestsPerDay: rpd, tokensPerDay: tpd },
  };
}

/** The same account twice would be one pool with two opinions of its limits. */
function twins(endpoints: readonly (EndpointConfig | undefined)[]): readonly Problem[] {
  const seen = new Map<string, number>();
  return endpoints.flatMap((endpoint, index) => {
    if (endpoint === undefined) return [];
    const { baseUrl: address, apiKey, organization, project } = endpoint;
    const account = [address, apiKey?.reveal(), organization, project].join("\n");
    const first = seen.get(account);
    if (first === undefined) seen.set(account, index);
    if (first === undefined) return [];
    return [
      {
        name: `ENDPOINTS[${index}]`,
        message: `is the same server, key, organisation and project as ENDPOINTS[${first}].`,
      },
    ];
  });
}
