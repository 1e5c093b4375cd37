/** The numbers of this adapter, each with its reason. */

export const limits = {
  /** An answer above this many UTF-16 code units ends as interrupted; the longest known output is about half of it (128,000 tokens). */
  answerUtf16: 1_000_000,
  /** A line of the stream above this is not a chat server's. openai-node alone takes any (measured: 30 MB in 0.5–33 s of CPU). */
  lineUtf16: 1_000_000,
  /** All bytes of one response, so that empty deltas end too: 128,000 tokens of about 250 bytes, three times over. */
  responseBytes: 100_000_000,
  /** What is read of an error's body. */
  errorBytes: 65_536,
  /** A server that breaks off or sends what is no answer, before the first token, is asked this often in all. */
  brokenAttempts: 3,
  /** How long a finished response may take to end its body before its connection is given up. */
  releaseMs: 1_000,
  /** Models that are listed; the largest public router offers some hundreds. */
  models: 2_000,
  /** The longest time that a timer of Node takes. */
  timerMs: 2_147_483_647,
  /** Tokens that a model is taken to hold when nobody knows: small servers' usual setting. */
  unknownWindowTokens: 8_192,
} as const;
