/** What every adapter promises to core, as one suite: `platformContract("name", make)` in a test file is all that a platform needs. */

import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { parseConversationId, toConversationId } from "../../src/core/conversation.ts";
import { joinParts } from "../../src/core/join-parts.ts";
import type { CallOutcome } from "../../src/core/platform/call-outcome.ts";
import type { Page } from "../../src/core/platform/page.ts";
import type { ReplyTarget } from "../../src/core/platform/reply-target.ts";
import { chooses } from "./choose.ts";
import { growsWhole } from "./grow.ts";
import { answerable, connected, first, hello, helloSeen, page, patience, posted } from "./scene.ts";
import type { FaultyCall, Subject } from "./subject.ts";

/** Runs the suite for one adapter. */
export function platformContract(name: string, make: () => Promise<Subject>): void {
  const check = (title: string, run: (subject: Subject) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      await using subject = await make();
      await run(subject);
    });

  check("says that it is not ready until it is connected", async (subject) => {
    expect(subject.intake.notReady()).toMatch(/\w+ .*\.$/);
    await connected(subject);
  });

  check(
    "a message arrives with its author, its text and an address that finds the way back",
    async (subject) => {
      const { message, target } = await answerable(subject);
      expect(message).toMatchObject({ v: 1, text: "Hello?", answer: true, place: "private" });
      expect(toConversationId(target.address)).toBe(message.conversation);
      expect(target.address.platform).toBe(subject.platform.name);
      expect(Number.isSafeInteger(message.order)).toBe(true);
      await posted(subject, target);
      await subject.until(() => subject.seen().some((text) => helloSeen.test(text)));
    },
  );

  check(
    "each topic or thread of a chat has an address of its own that finds the way back",
    async (subject) => {
      await connected(subject);
      const places = ["One", "Two"].map((text) => subject.opens(text));
      await subject.inbox.until(() => subject.inbox.messages.length === places.length);
      const { messages } = subject.inbox;
      expect(new Set(messages.map(({ conversation }) => conversation)).size).toBe(places.length);
      for (const { conversation, place, nativeId, text } of messages) {
        const address = parseConversationId(conversation);
        expect(toConversationId(address)).toBe(conversation);
        const target = { address, place, question: nativeId };
        await subject.platform.post(target, page(subject, `Re ${text}`), first, patience());
      }
      await subject.until(() => places.every(({ seen }) => seen().length > 0));
      expect(places.map(({ seen }) => seen())).toEqual([["Re One"], ["Re Two"]]);
    },
  );

  check("a message is made readable: text, name, membership", async (subject) => {
    const { message } = await answerable(subject);
    const read = await subject.platform.read(message, patience());
    expect(read).toEqual({ text: "Hello?", authorName: "Ada", membership: "member" });
  });

  check("a long text that is cut on the way joins to the original", async (subject) => {
    await connected(subject);
    const lines = Array.from(
      { length: 90 },
      (_, index) => `Line ${index} of what somebody has pasted, whole.`,
    );
    const text = `${lines.join("\n")}\n${"🦄x".repeat(2_000)} the end`;
    subject.says(text);
    await subject.inbox.until(() => subject.inbox.texts.at(-1)?.endsWith(" the end") ?? false);
    expect(joinParts(subject.inbox.messages).text).toBe(text);
  });

  check("a redelivered message has the same id", async (subject) => {
    await answerable(subject);
    const batches = subject.inbox.batches.length;
    subject.deliversAgain();
    await subject.inbox.until(() => subject.inbox.batches.length > batches);
    expect(subject.inbox.messages).toHaveLength(1);
  });

  check("a message that could not be written is delivered again", async (subject) => {
    await connected(subject);
    let refusals = 0;
    subject.inbox.beforeWrite = () => {
      refusals += 1;
      if (refusals <= 2) throw new Error("Redis is away");
    };
    subject.says("Hello?");
    await subject.inbox.until(() => subject.inbox.messages.length === 1);
    expect(refusals).toBe(3);
  });

  check("the bot's own messages are ignored", async (subject) => {
    const { target } = await answerable(subject);
    await posted(subject, target);
    subject.says("And?");
    await subject.inbox.until(() => subject.inbox.messages.length === 2);
    expect(subject.inbox.texts).toEqual(["Hello?", "And?"]);
  });

  check("a post is edited and removed; doing either twice does no harm", async (subject) => {
    const { target } = await answerable(subject);
    const id = await posted(subject, target);
    const changed = page(subject, "Good bye");
    for (let times = 0; times < 2; times += 1) {
      expect(await subject.platform.edit(target, id, changed, patience())).toMatchObject({ kind: "done" });
    }
    await subject.until(() => subject.seen().join() === "Good bye");
    for (let times = 0; times < 2; times += 1) {
      expect(await subject.platform.remove(target, id, patience())).toMatchObject({ kind: "done" });
    }
    await subject.until(() => subject.seen().length === 0);
  });

  check(
    "pages of a split text join to the original and stay as they are when the text grows",
    async ({ platform }) => {
      const text = Array.from({ length: 2_000 }, (_, index) => `word${index}`).join(" ");
      const renderer = platform.createRenderer();
      const early = renderer.render(text.slice(0, text.length / 2), "preview");
      const pages = renderer.render(text, "final");
      expect(pages.length).toBeGreaterThan(2);
      expect(
        pages
          .map(({ plain }) => plain)
          .join(" ")
          .match(/word\d+/g),
      ).toEqual(text.split(" "));
      expect(pages.slice(0, early.length - 1)).toEqual(early.slice(0, -1));
    },
  );

  check("a text grows in the platform's own way, harmlessly, and ends whole", async (subject) => {
    await growsWhole(subject, await answerable(subject));
  });

  check("a page says in front that it may be a second copy, and still fits", async (subject) => {
    const { target } = await answerable(subject);
    const renderer = subject.platform.createRenderer();
    const [full] = renderer.render("word ".repeat(3_000), "final");
    const marked = renderer.prefixed(full as Page, "(sent again)");
    expect(await subject.platform.post(target, marked, first, patience())).toMatchObject({ kind: "done" });
    await subject.until(() => /^\(sent again\)\n+word/.test(subject.seen()[0] ?? ""));
  });

  check("what a model writes calls nobody and fetches nothing", async (subject) => {
    const { target } = await answerable(subject);
    const hostile =
      "@everyone @channel <!channel> <@U0SIM> [x](tg://user?id=1) https://evil.test ![](https://evil.test/i.png)";
    await posted(subject, target);
    const outcome = await subject.platform.post(
      target,
      page(subject, hostile),
      { index: 1, token: "t1" },
      patience(),
    );
    expect(outcome).toMatchObject({ kind: "done" });
    const id = outcome.kind === "done" ? outcome.value : "";
    await subject.platform.edit(target, id, page(subject, `${hostile} again`), patience());
    expect(subject.harm()).toEqual([]);
  });

  check("flood control is told with its time and the budget that it closes", async (subject) => {
    const { target } = await answerable(subject);
    for (const call of ["post", "edit"] as const) {
      const id = await posted(subject, target);
      subject.breaks(call, "limited");
      const outcome = await attempt(subject, target, call, id);
      expect(outcome).toMatchObject({ kind: "limited", retryAfterMs: 1_000 });
      const known = subject.platform.limits.budgets(target, call).map(({ key }) => key);
      const closed = outcome.kind === "limited" ? outcome.budget : undefined;
      const named = [closed?.key, closed?.within ?? closed?.key];
      expect(known).toEqual(expect.arrayContaining(named));
      await sleep(1_000);
    }
  });

  for (const fault of ["reset", "applied, then reset", "bad gateway"] as const) {
    check(`a call that ends in "${fault}" is of unknown outcome, and made once`, async (subject) => {
      const { target } = await answerable(subject);
      const id = await posted(subject, target);
      for (const call of ["post", "edit"] as const) {
        subject.breaks(call, fault);
        const callsBefore = subject.calls();
        expect(await attempt(subject, target, call, id)).toMatchObject({ kind: "unknown" });
        expect(subject.calls() - callsBefore).toBe(1);
      }
    });
  }

  check("a call that is never answered ends with its signal, unknown", async (subject) => {
    const { target } = await answerable(subject);
    const id = await posted(subject, target);
    for (const call of ["post", "edit"] as const) {
      subject.breaks(call, "hang");
      expect(await attempt(subject, target, call, id, AbortSignal.timeout(100))).toMatchObject({
        kind: "unknown",
      });
    }
  });

  check("a call whose signal has ended before is not made", async (subject) => {
    const { target } = await answerable(subject);
    const id = await posted(subject, target);
    const callsBefore = subject.calls();
    for (const call of ["post", "edit"] as const) {
      expect(await attempt(subject, target, call, id, AbortSignal.abort())).toMatchObject({
        kind: "unapplied",
      });
    }
    expect(subject.calls()).toBe(callsBefore);
  });

  check("a refused connection is surely not applied", async (subject) => {
    const { target } = await answerable(subject);
    await subject.intake.stop();
    await subject.vanishes();
    // Sockets that were open may still be of unknown end; a new one is refused.
    await attempt(subject, target, "post", "");
    expect(await attempt(subject, target, "post", "")).toMatchObject({ kind: "unapplied" });
  });

  check("refused formatting is told apart, and the page's plain text is taken", async (subject) => {
    const { target } = await answerable(subject);
    subject.breaks("post", "formatting refused");
    const refused = await attempt(subject, target, "post", "");
    // A platform with two forms of a page goes over to the other one first.
    const outcome = refused.kind === "unapplied" ? await attempt(subject, target, "post", "") : refused;
    expect(outcome).toMatchObject({ kind: "unformattable" });
    const plain = { ...page(subject), body: null };
    expect(await subject.platform.post(target, plain, first, patience())).toMatchObject({ kind: "done" });
    await subject.until(() => subject.seen().length === 1);
    expect(subject.seen()[0]).toBe(plain.plain);
  });

  check("a message that is not there is gone", async (subject) => {
    const { target } = await answerable(subject);
    expect(await attempt(subject, target, "edit", subject.missingId)).toMatchObject({ kind: "gone" });
  });

  check("a chat that the bot may not write to is closed", async (subject) => {
    const { target } = await answerable(subject);
    subject.closes();
    expect(await attempt(subject, target, "post", "")).toMatchObject({ kind: "closed" });
  });

  check(
    "a lost post is found by its token where the platform can be asked, and only there",
    async (subject) => {
      const { target } = await answerable(subject);
      const sinceMs = Date.now();
      const id = await posted(subject, target);
      const find = (token: string) => subject.platform.findPost(target, token, sinceMs, patience());
      const expected = subject.platform.limits.canFindPosts ? id : undefined;
      expect(await find(first.token)).toEqual({ kind: "done", value: expected });
      expect(await find("another-token")).toEqual({ kind: "done", value: undefined });
    },
  );

  check("the busy sign is shown", async (subject) => {
    const { target } = await answerable(subject);
    expect(await subject.platform.showBusy(target, true, patience())).toMatchObject({ kind: "done" });
    await subject.until(() => subject.isBusy());
    expect(await subject.platform.showBusy(target, false, patience())).toMatchObject({ kind: "done" });
  });

  check("what does not fit is sent as a file", async (subject) => {
    const { target } = await answerable(subject);
    const file = { name: "answer.md", text: "# All of it" };
    expect(await subject.platform.attach(target, file, patience())).toMatchObject({ kind: "done" });
    await subject.until(() => subject.files().includes("answer.md"));
  });

  check("a command's answer is seen by who asked", async (subject) => {
    const { target } = await answerable(subject);
    const to = { author: { id: target.asker ?? "", name: "" } };
    const saying = { markdown: hello, audience: "place", buttons: [] } as const;
    expect(await subject.responder.respond(target, to, saying, patience())).toMatchObject({
      kind: "done",
    });
    await subject.until(() => subject.seen().some((text) => helloSeen.test(text)));
    expect(subject.responder.commandPrefix).not.toBe("");
  });

  check(
    "a pressed button is its command, and what comes of it stands in the place of the message",
    async (subject) => {
      await chooses(subject, (await answerable(subject)).target);
    },
  );

  check("after intake has stopped no call leaves and nothing is taken in", async (subject) => {
    await answerable(subject);
    await subject.intake.stop();
    const callsBefore = subject.calls();
    subject.says("Anybody there?");
    await sleep(150);
    expect(subject.calls()).toBe(callsBefore);
    expect(subject.inbox.texts).toEqual(["Hello?"]);
  });

  function attempt(
    subject: Subject,
    target: ReplyTarget,
    call: FaultyCall,
    id: string,
    signal = patience(),
  ): Promise<CallOutcome<unknown>> {
    const shown = page(subject, `${hello} ${Math.random()}`);
    if (call === "post") return subject.platform.post(target, shown, first, signal);
    return subject.platform.edit(target, id, shown, signal);
  }
}
