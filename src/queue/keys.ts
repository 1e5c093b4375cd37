/** Every key that Parley holds in Redis: type · content · writer · when it dies. */

import type { ConversationId, MessageId } from "../core/conversation.ts";

/** How long a message's id is remembered, in seconds: longer than any platform's last redelivery (24 h). */
export const seenSeconds = 25 * 3600;
/** How long a journal is kept after its last write, in seconds: it outlives every redelivery of its message. */
export const journalSeconds = seenSeconds;
/** How long a request to stop a turn is remembered, in seconds: as long as a turn may wait. */
export const stopSeconds = seenSeconds;
/** How long an edit waits for the message that it overtook, in seconds: above any platform's last retry of a delivery. */
export const editSeconds = 3600;
/** How long nobody is asked again whether a late question still matters, in seconds. */
export const awaySeconds = 3600;
/** How long the final pages of a turn are kept for a repair, in seconds. */
export const settleSeconds = 3600;
/** How long a button that cannot carry its command means it, in seconds. */
export const buttonSeconds = 86_400;
/** How long what is known of the chat API's limits is kept after its last use, in seconds: longer than a day's limit. */
export const poolSeconds = 25 * 3600;
/** How long a request to be let in waits to be decided about, in seconds. */
export const requestSeconds = 7 * 86_400;
/** How many requests to be let in are kept. */
export const keptRequests = 1_000;
/** How many dead letters are kept. */
export const deadLetters = 1_000;
/** How many changes of settings are kept per scope. */
export const keptChanges = 1_000;

/** The two BullMQ queues: wake-ups of conversations; commands and repairs, which never wait behind the model. */
export const queues = { turns: "turns", commands: "commands" } as const;

/**
 * The keys of one shard. All share one hash tag, so that a MULTI and a script may touch any of them in a cluster.
 * BullMQ's own keys stand under `prefix`.
 * @param namespace separates installations (and tests) in one Redis; default `parley`
 * @param shard the hash tag's number; all conversations live in shard 0 until there is a second
 */
export function createKeys(namespace = "parley", shard = 0) {
  const tag = `{${namespace}:${shard}}`;
  return {
    prefix: tag,
    ...createConversationKeys(tag),
    /** string · pages to put back · finish · 1 h */
    settle: (message: MessageId) => `${tag}:settle:${message}`,
    /**
     * hash · {tat, blocked; finals, previews: the next free moment of each line in its own time, …Moved: by how much that is
     * behind; slow, slowSince; refused, refusedAt: its last refused part} of one flood budget, ms · permit, block · when all
     * is past
     */
    budget: (budget: string) => `${tag}:budget:${budget}`,
    ...createPatienceKeys(tag),
    /** set · epochs running in a worker · that worker · 3 s after its last word */
    alive: (worker: string) => `${tag}:alive:${worker}`,
    /** string · holder · whoever holds it · 5 s after its last renewal */
    lease: (name: string) => `${tag}:lease:${name}`,
    /** string · id of the message that shows the notice today · claim-notice · 24 h */
    today: (notice: string) => `${tag}:today:${notice}`,
    /** zset · conversation → when its oldest unserved message last made progress, ms · append, permit, finish, sweep · immortal: empty when nothing waits */
    pending: `${tag}:pending`,
    /** string · the counter of epochs · take · immortal: it must never fall */
    epoch: `${tag}:epoch`,
    /** list · dead letters (ids and causes, no texts), newest first, at most 1,000 · finish · immortal: an operator reads them */
    dead: `${tag}:dead`,
    /** hash · setting → its value as JSON, of one scope (`*`, a workspace, a chat, a conversation) · commands · immortal: they are settings */
    settings: (scope: string) => `${tag}:settings:${scope}`,
    /** list · changes of one scope's settings (who, where, when, from, to), newest first, at most 1,000 · commands · immortal: a record */
    changes: (scope: string) => `${tag}:changes:${scope}`,
    /** string · what a command has changed, so that it does so once · commands · 25 h */
    changed: (change: string) => `${tag}:changed:${change}`,
    /** hash · conversation → what a command to stop came to there, JSON · /stop · 25 h */
    stopped: (command: MessageId) => `${tag}:stopped:${command}`,
    /** string · the command's line behind a button that cannot carry it · command's answer · 24 h after it was last shown */
    button: (token: string) => `${tag}:button:${token}`,
    /** string · the command's line that wants what is replied to this message · command's answer · 24 h */
    wanted: (prompt: MessageId) => `${tag}:wanted:${prompt}`,
    /** hash · entry that was allowed or denied → which, as JSON · commands · immortal: they are settings */
    access: `${tag}:access`,
    /** list · changes of `access`, as `changes` has them · commands · immortal: a record */
    accessChanges: `${tag}:access-changes`,
    /** zset · entry that asks to be let in → since when, ms · turn-away, commands · 7 days after its last write */
    requests: `${tag}:requests`,
    /** hash · such an entry → JSON of who asked and where · turn-away, commands · 7 days after its last write */
    requesters: `${tag}:requesters`,
    /** string · how many requests of a platform's scope are told to its admins in this hour · turn-away · 1 h after its first write */
    requestsTold: (place: string) => `${tag}:requests-told:${place}`,
    /** hash · entry of an admin → JSON; `local` → true while places' own admins are trusted · commands · immortal: they are settings */
    admins: `${tag}:admins`,
    /** list · changes of `admins`, as `changes` has them · commands · immortal: a record */
    adminsChanges: `${tag}:admins-changes`,
    /** set · `platform:user` of owners made by the one-time code · /start · immortal: it is a setting */
    owners: `${tag}:owners`,
    /** hash · the one-time code that makes an owner and wrong guesses, or the command that has used it · start, /start · 24 h after the last start */
    ownerCode: `${tag}:owner-code`,
    /** hash · platform:scope → installation JSON, its tokens encrypted · install, refresh, uninstall · immortal: it is a setting */
    installations: `${tag}:installations`,
    /** zset · platform:scope whose data is to be deleted → when it was uninstalled, ms · uninstall, forget · immortal: empty when nothing is to be deleted */
    leaving: `${tag}:leaving`,
    /** string · "1": this one-time token was used · install · as long as the token would be valid */
    used: (token: string) => `${tag}:used:${token}`,
    /** any · a try of each kind of write · readiness probe · at once */
    probe: `${tag}:probe`,
    ...createPoolKeys(namespace),
    /** channel · the same as `stop` holds · stop, delete, append · messages of a channel are not stored */
    stops: `${tag}:stops`,
    /** channel · platform:scope whose installation changed · install, refresh, uninstall · messages of a channel are not stored */
    installs: `${tag}:installs`,
  } as const;
}

/** What limits on waiting messages are kept in. */
function createPatienceKeys(tag: string) {
  return {
    /** string · "counted", or "told", "beyond": the command was beyond its person's rate · count-command · 25 h */
    counted: (command: MessageId) => `${tag}:counted:${command}`,
    /** string · when the rate of messages of a person or conversation is whole again, ms · append, count-command · then */
    rate: (name: string) => `${tag}:rate:${name}`,
    /** zset · "<key of messages> <message id>" by when it came, of one person; those that wait no more are dropped when it is full · append · 25 h */
    waitingOf: (person: string) => `${tag}:waiting:${person}`,
    /**
     * string · of a person in a conversation: "1": told that it is too much; "place": asked to tell the conversation; of a
     * conversation: which message told it · append, count-command, errand · 1 min
     */
    tooMuch: (name: string) => `${tag}:too-much:${name}`,
    /** string · how many messages of other bots came here lately · append · 1 min after the first, or after the one too many */
    bots: (conversation: ConversationId) => `${tag}:bots:${conversation}`,
    /** string · ms that the newest turn which came first in its conversation waited for a worker · take · 10 s */
    waited: `${tag}:waited`,
  } as const;
}

/** The keys of the chat API's limits, which all shards share: a hash tag of their own. A pool is an endpoint's model. */
function createPoolKeys(namespace: string) {
  const pools = `{${namespace}:pools}`;
  return {
    /** hash · limits of one endpoint's model: learnt, when each is full again, blocked, closed; failing, broken: its breaker · admission · 25 h after its last use */
    pool: (pool: string) => `${pools}:pool:${pool}`,
    /** zset · `line\nturn:message id` of calls without a start, all with score 0; a line is a user's · admission · as the pool */
    poolLines: (pool: string) => `${pools}:lines:${pool}`,
    /** zset · line → where its first call stands in the fair order · admission · as the pool */
    poolHeads: (pool: string) => `${pools}:heads:${pool}`,
    /** zset · line → up to where it has used its share · admission · as the pool; entries vanish when others have had as much */
    poolShares: (pool: string) => `${pools}:shares:${pool}`,
    /** hash · message id → JSON of its call: tokens, user, start, epoch · admission · as the pool, each entry at most 1 h after its start */
    poolCalls: (pool: string) => `${pools}:calls:${pool}`,
    /** zset · message id → booked start, ms · admission · as the pool */
    poolBooked: (pool: string) => `${pools}:booked:${pool}`,
    /** zset · message id of a call that was begun → when it is forgotten, ms · admission · as the pool */
    poolRunning: (pool: string) => `${pools}:running:${pool}`,
    /** hash · [endpoint, model, parameter] as JSON → until when the model counts as refusing it, ms · chat API client · 24 h after its last write */
    refused: `${pools}:refused`,
    /** channel · a field of `refused` and its value · chat API client · messages of a channel are not stored */
    refusals: `${pools}:refusals`,
    /** list · tokens of the last 100 whole answers · admission · as the pool */
    poolOutputs: (pool: string) => `${pools}:outputs:${pool}`,
    /** channel · pool whose booked starts do not hold any more · admission · messages of a channel are not stored */
    disturbances: `${pools}:disturbances`,
  } as const;
}

/** Those of one message or one conversation. */
function createConversationKeys(tag: string) {
  return {
    /** string · "1", or the limit that the message was beyond, "" when that was told before · append, delete · 25 h */
    seen: (message: MessageId) => `${tag}:seen:${message}`,
    /** zset · message id by order key · append, take, finish, stop, delete · vanishes when empty; never expires: accepted is not lost */
    inbox: (conversation: ConversationId) => `${tag}:inbox:${conversation}`,
    /** hash · message id → message JSON, edit:id → version:JSON · append, edit, take, finish, stop, delete · vanishes when empty, as the inbox does */
    messages: (conversation: ConversationId) => `${tag}:messages:${conversation}`,
    /** string · version:JSON of an edit that overtook its message · edit · with its message, else after 1 h */
    edit: (message: MessageId) => `${tag}:edit:${message}`,
    /** string · "1": somebody was asked here whether a late question still matters · take · 1 h */
    away: (conversation: ConversationId) => `${tag}:away:${conversation}`,
    /** hash · the running turn's journal, then only the last turn's id and end · take … finish · 25 h after its last write */
    journal: (conversation: ConversationId) => `${tag}:journal:${conversation}`,
    /** hash · the last turn that has pages: its messages, pages, who asked · finish · HISTORY_DAYS after its last write */
    answered: (conversation: ConversationId) => `${tag}:answered:${conversation}`,
    /** list · history entries, oldest first · finish · HISTORY_DAYS after its last write */
    history: (conversation: ConversationId) => `${tag}:history:${conversation}`,
    /** string · JSON of what was said in the thread before the bot was asked; [] = nothing · keep-background, finish · HISTORY_DAYS after the history's last write */
    background: (conversation: ConversationId) => `${tag}:background:${conversation}`,
    /** string · order key from which the context starts · /new · HISTORY_DAYS */
    historyStart: (conversation: ConversationId) => `${tag}:history-start:${conversation}`,
    /** string · "1": the bot was addressed here · append · HISTORY_DAYS after the last time */
    part: (conversation: ConversationId) => `${tag}:part:${conversation}`,
    /** set · the threads of a chat in which a turn runs · take, finish · 25 h after the last take */
    running: (chat: ConversationId) => `${tag}:running:${chat}`,
    /** string · id of the message whose turn is to stop, and " deleted" if it was taken back, " overtaken" if its asker said more · stop, delete, append · 25 h */
    stop: (conversation: ConversationId) => `${tag}:stop:${conversation}`,
    /** string · the conversation as which this one goes on · move · 25 h, as long as something may still arrive under the old id */
    moved: (conversation: ConversationId) => `${tag}:moved:${conversation}`,
    /** string · the chat's conversation before it got this id · move · immortal: a setting may name the old id for ever; one a group */
    formerly: (chat: ConversationId) => `${tag}:formerly:${chat}`,
  } as const;
}

/** The declared keys of one shard. */
export type ShardKeys = ReturnType<typeof createKeys>;
