/** A value that a test counts on. One that is missing fails the test; a default in its place would let it pass for nothing. */

/** @throws when `value` is undefined */
export function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("What the test counts on is not there");
  return value;
}
