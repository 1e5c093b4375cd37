import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Playground } from "../../playground/start.ts";
import { chromiumPath, launchBrowser, paneOf, types, type Visit, visit } from "./browser.ts";
import { createHome } from "./open-playground.ts";

describe.runIf(chromiumPath !== undefined)("buttons, forms and homes in the playground", () => {
  const home = createHome();
  let browser: Browser;
  let playground: Playground;
  let visitor: Visit;

  beforeAll(async () => {
    [browser, playground] = await Promise.all([launchBrowser(), home.start()]);
    visitor = await visit(browser, playground.url);
  });
  afterAll(async () => {
    await visitor[Symbol.asyncDispose]();
    await browser.close();
    await playground[Symbol.asyncDispose]();
    home[Symbol.dispose]();
  });

  test("in Telegram's group Alex presses a value and everybody sees it; Maya is told that she may not", async () => {
    const { page } = visitor;
    const pane = paneOf(page, "group");
    await types(page, "group", "/params temperature");
    await pane.getByText("Maya", { exact: true }).last().click();
    await pane.getByRole("button", { name: "0.3", exact: true }).click();
    const alert = page.getByRole("alertdialog", { name: "Alert for Maya" });
    await alert.getByText("Only admins of this chat can change this.").waitFor();
    await alert.getByRole("button", { name: "OK" }).click();
    await pane.getByText("Alex", { exact: true }).last().click();
    await pane.getByRole("button", { name: "0.3", exact: true }).click();
    await pane.getByText("(set in this chat): 0.3").waitFor();
    expect(await pane.getByRole("button", { name: "« Back" }).count()).toBe(1);
  });

  test("what replies to Telegram's prompt is the system prompt", async () => {
    const { page } = visitor;
    const pane = paneOf(page, "private");
    await types(page, "private", "/system set");
    await pane.getByText("Reply to this message with it.").first().waitFor();
    await types(page, "private", "Be as brief as a haiku.");
    await pane.getByText("(set in this chat): Be as brief as a haiku.").waitFor();
  });

  test("on Slack a select chooses in its place, and a form takes the system prompt", async () => {
    const { page } = visitor;
    const pane = paneOf(page, "dm");
    await types(page, "dm", "/parley params reasoning_effort");
    await pane.getByText("Only visible to Alex").first().waitFor();
    await pane.getByRole("button", { name: "low", exact: true }).click();
    await pane.getByText("(set in this chat): low").waitFor();
    await types(page, "dm", "/parley system set");
    const form = page.getByRole("dialog", { name: "Form" });
    await form.getByRole("textbox", { name: "The new system prompt" }).fill("Answer like a pirate.");
    await form.getByRole("button", { name: "Save" }).click();
    await pane.getByText("(set in this chat): Answer like a pirate.").waitFor();
  });

  test("the app's home shows Alex what can be changed, and Maya only what holds", async () => {
    const { page } = visitor;
    await page.getByRole("button", { name: "Home: Maya" }).click();
    const shown = page.getByRole("dialog", { name: "App home" });
    await shown.getByText("Maya's home of the app").waitFor();
    await shown.getByText("Admins of the workspace can change it.").waitFor();
    expect(await shown.getByRole("button", { name: "Write a new one" }).count()).toBe(0);
    await shown.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Home: Alex" }).click();
    await shown.getByText("Alex's home of the app").waitFor();
    await shown.getByRole("button", { name: "verbosity …" }).first().click();
    await shown.getByRole("button", { name: "high", exact: true }).first().click();
    await shown.getByText("(set in this chat): high").first().waitFor();
    await shown.getByRole("button", { name: "Close" }).click();
  });
});
