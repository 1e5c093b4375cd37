import { test } from "vitest";
import { numberedText } from "../../simulator/model/script.ts";
import { seesPart } from "../world/person.ts";
import { startWorld } from "../world/world.ts";

test.concurrent("thirty characters are shown before the time for first words is over", async () => {
  await using world = await startWorld({ platforms: ["telegram"], timing: { firstWordsMs: 60_000 } });
  world.model.answerWith(numberedText(20), { firstTokenMs: 0, tokenMs: 10 });
  world.model.hold(10);
  const person = world.person("telegram");
  person.says("Hello");
  await seesPart(person, "word5");
  world.model.release();
  await seesPart(person, "word20");
  await world.isQuiet();
});
