/** What people see who write more than is taken on. */

import { expect, test } from "vitest";
import { endlessPatience } from "../../src/core/patience.ts";
import { words } from "../../src/core/words.ts";
import { sees } from "../world/person.ts";
import { startWorld } from "../world/world.ts";

const limits = { ...endlessPatience, personPerMinute: 2 };
const tooFast = words.tooMuch["person-rate"](limits);

test.concurrent.for(["telegram", "slack"] as const)(
  "who writes too fast on %s is told so once while the model still answers, and what is within the limit is answered",
  async (platform) => {
    const variables = { PERSON_MESSAGES_PER_MINUTE: "2" };
    await using world = await startWorld({ platforms: [platform], variables });
    world.model.answerWith(({ messages }) => `Answer to ${messages.at(-1)?.content}`);
    world.model.hold(0);
    const [hasty, other] = [world.person(platform), world.person(platform)];
    for (const number of [1, 2, 3, 4, 5]) hasty.says(`Question ${number}`);
    await sees(hasty, tooFast);
    world.model.release();
    // Slack delivers in no order, so which two came first is open.
    await hasty.until(() => hasty.answers().filter((text) => text.startsWith("Answer")).length === 2);
    other.says("Hello");
    await sees(other, "Answer to Hello");
    await world.isQuiet();
    expect(hasty.answers()).toHaveLength(3);
    expect(world.model.received()).toBe(3);
  },
);
