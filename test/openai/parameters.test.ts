import { describe, expect, test } from "vitest";
import { startWorld } from "./world.ts";

test("every parameter is sent in the API's own words", async () => {
  await using world = await startWorld();
  await world.ask({
    parameters: {
      temperature: 0,
      topP: 0.5,
      maxTokens: 300,
      presencePenalty: -1,
      frequencyPenalty: 1,
      stop: ["END"],
      seed: 7,
      logitBias: { "50256": -100 },
      responseFormat: { type: "json_object" },
      reasoningEffort: "low",
      verbosity: "high",
      safetyIdentifier: "somebody",
    },
  });
  expect(world.model.requests[0]!.body).toMatchObject({
    temperature: 0,
    top_p: 0.5,
    max_completion_tokens: 300,
    presence_penalty: -1,
    frequency_penalty: 1,
    stop: ["END"],
    seed: 7,
    logit_bias: { "50256": -100 },
    response_format: { type: "json_object" },
    reasoning_effort: "low",
    verbosity: "high",
    safety_identifier: "somebody",
  });
});

describe("a parameter refused by name", () => {
  test("is left out, also of later calls to that model", async () => {
    await using world = await startWorld({
      answer: { text: "Fine.", habits: { refuses: ["stream_options"] } },
    });
    expect(await world.ask()).toMatchObject({ text: "Fine.", usage: undefined });
    expect(await world.ask()).toMatchObject({ text: "Fine." });
    expect(world.model.requests.map(({ body }) => "stream_options" in body)).toEqual([true, false, false]);
  });

  test("of those that somebody has set is told once, with the API's word", async () => {
    const refuses = ["temperature", "logit_bias"];
    await using world = await startWorld({ answer: { text: "Fine.", habits: { refuses } } });
    const parameters = { temperature: 0.5, logitBias: { "7": 1 }, verbosity: "low" } as const;
    expect(await world.ask({ parameters })).toMatchObject({ text: "Fine.", leftOut: refuses });
    expect(await world.ask({ parameters })).toMatchObject({ text: "Fine.", leftOut: [] });
    const sent = world.model.requests.map(({ body }) => refuses.filter((name) => name in body));
    expect(sent).toEqual([refuses, ["logit_bias"], [], []]);
    expect(world.model.requests.map(({ body }) => body.verbosity)).toEqual(["low", "low", "low", "low"]);
  });

  test("is sent to other models", async () => {
    await using world = await startWorld({
      answer: ({ body }) => ({ habits: { refuses: body.model === "picky" ? ["seed"] : [] } }),
    });
    const parameters = { seed: 7 };
    expect(await world.ask({ model: "picky", parameters })).toMatchObject({ leftOut: ["seed"] });
    expect(await world.ask({ parameters })).toMatchObject({ leftOut: [] });
    expect(world.model.requests.map(({ body }) => body.seed)).toEqual([7, undefined, 7]);
  });

  test("is not left out when the answer needs it", async () => {
    await using world = await startWorld({ answer: { habits: { refuses: ["messages"] } } });
    await expect(world.ask()).rejects.toMatchObject({ problem: "refused", retry: "never" });
    expect(world.model.received()).toBe(1);
  });
});
