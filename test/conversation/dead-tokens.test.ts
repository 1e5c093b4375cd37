/** A token that Slack takes no more, and nobody was told: answers wait for the operator, who hears of it once. */

import { expect, test } from "vitest";
import { timing } from "../../src/core/timing.ts";
import { brokenWaitMs } from "../../src/core/wait-for-operator.ts";
import { sees } from "../world/person.ts";
import { answerToText, startWorld } from "../world/world.ts";

test.each([
  ["is dead as the answer is posted", "chat.postMessage", "token_revoked"],
  ["is dead as the asker's name is asked for", "users.info", "token_revoked"],
  ["may not ask for names", "users.info", "missing_scope"],
])(
  "answers for a workspace whose token %s are told of once, and come when it is good again",
  async (...[, method, code]) => {
    await using world = await startWorld({
      platforms: ["slack"],
      timing: { brokenMs: 50, brokenMaxMs: 100 },
    });
    const person = world.slackPerson();
    world.slack.faults.next(method, { kind: "error", code }, { times: 5 });
    person.says("Hello");
    await sees(person, answerToText("Hello"));
    const tries = world.slack.callsOf(method);
    expect(tries.map(({ answer }) => answer?.ok)).toEqual([false, false, false, false, false, true]);
    const told = world.logged("answers wait for an operator");
    expect(told.map((line) => JSON.parse(line))).toMatchObject([
      { level: 50, platform: "slack", scope: world.slack.teamId },
    ]);
    expect(told.join()).toContain(code);
    expect(world.model.received()).toBe(1);
  },
);

test.each([
  ["at once", 0, 60_000],
  ["after five minutes", 300_000, 150_000],
  ["after a day", 86_400_000, 300_000],
])("the next try for a dead token comes the later the longer it is dead: %s", (_, waitedMs, expectedMs) => {
  expect(brokenWaitMs(waitedMs, timing)).toBe(expectedMs);
});
