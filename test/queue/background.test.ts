import { expect, test } from "vitest";
import type { MessageId } from "../../src/core/conversation.ts";
import type { TakenTurn } from "../../src/core/turn-store.ts";
import type { OpenQueue } from "../../src/queue/queue.ts";
import { message } from "./open-test-queue.ts";
import { finish, recorder, startWorkers } from "./scripted-workers.ts";
import { createTestQueues } from "./test-queues.ts";

const queues = createTestQueues();
const { open } = queues;

const quoted = { order: 1, opening: true, quote: "> Ann: how it began", tokens: 7 };

/** Takes `count` turns one after another, `run` being asked what to do with each before it ends. */
async function takes(
  queue: OpenQueue,
  count: number,
  run: (turn: TakenTurn) => Promise<unknown>,
): Promise<readonly TakenTurn[]> {
  const seen = recorder(count);
  await using _workers = startWorkers(queue, async (turn) => {
    await run(turn);
    const end = await finish(queue, turn);
    seen.add(turn);
    return end;
  });
  for (let order = 2; order < count + 2; order += 1) {
    await queue.inbox.accept([{ kind: "message", message: message(order) }]);
  }
  await seen.all;
  return seen.turns;
}

test("what was said before the bot was asked comes with every later turn of the conversation", async () => {
  await using queue = open();
  const turns = await takes(queue, 3, async (turn) => {
    if (turn.background === undefined) await queue.store.keepBackground(turn.fence, [quoted]);
  });
  expect(turns.map(({ background }) => background)).toEqual([undefined, [quoted], [quoted]]);
});

test("a run that was overtaken keeps no background", async () => {
  await using queue = open();
  const kept: boolean[] = [];
  const turns = await takes(queue, 2, async ({ fence }) => {
    kept.push(await queue.store.keepBackground({ ...fence, epoch: fence.epoch - 1 }, [quoted]));
  });
  expect(kept).toEqual([false, false]);
  expect(turns[1]?.background).toBeUndefined();
});

test("a turn that began its thread leaves nothing to be read", async () => {
  await using queue = open();
  const seen = recorder(2);
  await using _workers = startWorkers(queue, async (turn) => {
    const ending = {
      outcome: "context",
      entries: [],
      opensThread: true,
      deadLetter: undefined,
      repair: undefined,
    } as const;
    const waiting = await queue.store.finish(turn.fence, ending);
    seen.add(turn);
    return { kind: "finished", waiting: waiting ?? 0 };
  });
  await queue.inbox.accept([2, 3].map((order) => ({ kind: "message", message: message(order) })));
  await seen.all;
  expect(seen.turns.map(({ background }) => background)).toEqual([undefined, []]);
});

test("a notice belongs to the first message that asks for it, however often it asks again", async () => {
  await using queue = open();
  const claim = (id: string) => queue.store.claimNotice("refused:here", id as MessageId);
  const claims = [await claim("one"), await claim("two"), await claim("one"), await claim("two")];
  expect(claims).toEqual([true, false, true, false]);
});
