/** The waits and intervals that promises and tests depend on, in one object, in ms; tests shrink it, nothing else does. */
export interface Timing {
  /** BullMQ's lock on a running turn; a killed worker's turn is free after at most this and two stalled checks. */
  readonly lockMs: number;
  readonly stalledCheckMs: number;
  /** How often a worker says which turns live in it, and how long that word lasts. */
  readonly aliveEveryMs: number;
  readonly aliveForMs: number;
  /** How long a run steps back while the recorded holder still lives. */
  readonly yieldMs: number;
  /** After our own reconnect to Redis: how long others' silence proves nothing. */
  readonly reconnectGraceMs: number;
  /** The sweeper: how often, and how old a conversation without progress must be. */
  readonly sweepEveryMs: number;
  readonly sweepAfterMs: number;
  /** After the bot was removed from a place: when everything said there is deleted; its last turns have ended by then. */
  readonly forgetAfterMs: number;
  /** How old what a process knows of an installation may be; it hears of changes at once, if nothing is lost. */
  readonly installationMs: number;
  /** Redis: one command of an ingress, a whole accept, a silent socket, reconnects, and when a process gives up. */
  readonly redisCommandMs: number;
  readonly acceptMs: number;
  readonly redisSocketMs: number;
  /** The same for sockets that BullMQ blocks on: above its longest block, 10 s while a delayed job waits. */
  readonly redisBlockingSocketMs: number;
  readonly redisReconnectMs: number;
  readonly redisGoneMs: number;
  /** What may be one of several parts waits so long for the next: a text that was cut, a part of an album. */
  readonly textPartMs: number;
  readonly albumPartMs: number;
  /** How soon somebody looks whether the last part has come, or something that waits for nothing. */
  readonly partLookMs: number;
  /** Leases of pollers. */
  readonly leaseMs: number;
  /** Nobody is told twice within this time that there is too much, and how long the wait of a turn says how others fare. */
  readonly tooMuchMs: number;
  readonly waitedMs: number;
  /** Two refusals of different budgets this near each other mean the wider budget that holds both. */
  readonly refusalsMs: number;
  /** The age of a permit beyond which it is asked for again. */
  readonly permitMs: number;
  /** First words: the post goes out after this long from the first token, or after `firstWordsUtf16` characters. */
  readonly firstWordsMs: number;
  /** A draft that has not changed is shown again after this long, before it fades (Telegram: 30 s). */
  readonly draftRefreshMs: number;
  /** A stream is closed at this age, before the platform gives it up (Slack: about 5 min). */
  readonly streamAgeMs: number;
  /** One platform call. */
  readonly callMs: number;
  /** A wait for a permit up to this long is spent inside the worker's slot. */
  readonly inlineWaitMs: number;
  /** After an edit of unknown outcome: when the final edit is repeated. */
  readonly settleMs: number;
  /** After a post of unknown outcome: when the platform is asked whether it arrived. */
  readonly findPostMs: number;
  /** Where the platform cannot be asked: first and longest wait before a post of unknown outcome is made a third time. */
  readonly repostMs: number;
  readonly repostMaxMs: number;
  /**
   * How long a delivery that only an operator can mend (a revoked token) waits before the next try, at first and at most;
   * what can be done without is left out for the longest time.
   */
  readonly brokenMs: number;
  readonly brokenMaxMs: number;
  /** How long a question is held back at most while its thread cannot be read. */
  readonly backgroundMs: number;
  /** A re-run shows nothing shorter than what is visible for at most this long. */
  readonly regrowMs: number;
  /** Chat API: how long a connection may take to come about. */
  readonly connectMs: number;
  /** Chat API: between two events of a stream; all waits before the first token together. */
  readonly streamIdleMs: number;
  readonly chatRetryMs: number;
  /** How long it is remembered that somebody administers a place, or does not. */
  readonly placeRoleMs: number;
  /** Limits of the chat API: a start is booked so long before it, and a turn that waits outside its slot is woken so long before it. */
  readonly bookAheadMs: number;
  readonly wakeAheadMs: number;
  /** How often it is looked who is next, while somebody waits. */
  readonly grantEveryMs: number;
  /** Whoever will wait longer is told so; whoever would wait longer than that is told to come again. */
  readonly tellWaitMs: number;
  /** What was told so is renewed when a quarter of the time is over, and no more often than this. */
  readonly renewWaitMs: number;
  readonly longestWaitMs: number;
  /** A chat API that refuses for good (key, quota, model) is left alone: first and longest time. */
  readonly closedMs: number;
  readonly closedMaxMs: number;
  /** One of several endpoints that keeps failing is left alone: failures in a row within this time count; first and longest time. */
  readonly breakWithinMs: number;
  readonly brokenOffMs: number;
  readonly brokenOffMaxMs: number;
  /** How long the list of models is kept, and how long a model may take to show that it answers. */
  readonly modelsMs: number;
  readonly modelCheckMs: number;
  /** Long polling: how long the server holds a poll, and when a poll counts as deaf. */
  readonly pollMs: number;
  readonly pollDeafMs: number;
  /** How long the opening of a form may take: whatever triggers it may do so for 3 s, and waits for its own answer. */
  readonly triggerMs: number;
  /** How long the press of a button waits for its alert before it is answered with nothing. */
  readonly pressMs: number;
  /** How often the webhook is looked at as the platform has it. */
  readonly webhookLookMs: number;
  /** First and longest wait between two tries of a connection. */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  /** Our HTTP server: how long a request's headers, a whole request, and the next one on a connection may take. */
  readonly httpHeadersMs: number;
  readonly httpRequestMs: number;
  readonly httpIdleMs: number;
  /** How long a platform's request may wait for its answer; then it is told to come again. */
  readonly httpReplyMs: number;
  /** Idle age above which a kept-alive socket does not carry a post. */
  readonly keepAliveMs: number;
}

/** The true values. */
export const timing: Timing = {
  lockMs: 5_000,
  stalledCheckMs: 500,
  aliveEveryMs: 1_000,
  aliveForMs: 3_000,
  yieldMs: 1_000,
  reconnectGraceMs: 4_000,
  sweepEveryMs: 5_000,
  sweepAfterMs: 15_000,
  forgetAfterMs: 60_000,
  installationMs: 30_000,
  redisCommandMs: 1_000,
  acceptMs: 1_500,
  redisSocketMs: 8_000,
  redisBlockingSocketMs: 12_000,
  redisReconnectMs: 500,
  redisGoneMs: 20_000,
  textPartMs: 1_500,
  albumPartMs: 3_000,
  partLookMs: 200,
  leaseMs: 5_000,
  tooMuchMs: 60_000,
  waitedMs: 10_000,
  refusalsMs: 1_000,
  permitMs: 2_000,
  firstWordsMs: 400,
  draftRefreshMs: 20_000,
  streamAgeMs: 230_000,
  callMs: 5_000,
  inlineWaitMs: 1_000,
  settleMs: 12_000,
  findPostMs: 1_000,
  repostMs: 10_000,
  repostMaxMs: 300_000,
  brokenMs: 60_000,
  brokenMaxMs: 300_000,
  backgroundMs: 120_000,
  regrowMs: 10_000,
  connectMs: 10_000,
  streamIdleMs: 60_000,
  chatRetryMs: 90_000,
  placeRoleMs: 3_000,
  bookAheadMs: 1_000,
  wakeAheadMs: 150,
  grantEveryMs: 250,
  tellWaitMs: 3_000,
  renewWaitMs: 10_000,
  longestWaitMs: 600_000,
  closedMs: 30_000,
  closedMaxMs: 600_000,
  breakWithinMs: 60_000,
  brokenOffMs: 5_000,
  // Longer than a call goes round: then its asker is told.
  brokenOffMaxMs: 120_000,
  modelsMs: 300_000,
  modelCheckMs: 20_000,
  pollMs: 30_000,
  pollDeafMs: 45_000,
  triggerMs: 1_500,
  pressMs: 700,
  webhookLookMs: 60_000,
  backoffMs: 250,
  backoffMaxMs: 5_000,
  httpHeadersMs: 5_000,
  httpRequestMs: 8_000,
  httpIdleMs: 5_000,
  httpReplyMs: 2_500,
  keepAliveMs: 4_000,
};
