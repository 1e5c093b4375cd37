import { expect, test } from "vitest";
import { parseArguments } from "../../src/launch/arguments.ts";

test.each([
  [[], { kind: "start", model: false }],
  [["--model"], { kind: "start", model: true }],
  [["check"], { kind: "check" }],
])("%j means %j", (args, task) => {
  expect(parseArguments(args)).toEqual(task);
});

test("help and mistakes end the program, with a text that says what there is", () => {
  let said = "";
  const say = (text: string) => {
    said += text;
  };
  expect(parseArguments(["--help"], say)).toEqual({ kind: "exit", code: 0 });
  expect(said).toContain("--model");
  expect(parseArguments(["--modle"], say)).toEqual({ kind: "exit", code: 1 });
  expect(said).toContain("unknown option '--modle'");
  expect(parseArguments(["chekc"], say)).toEqual({ kind: "exit", code: 1 });
});
