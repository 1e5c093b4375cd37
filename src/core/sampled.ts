/** A log line for what a stranger can cause as often as they like: said at once, then at most once per interval, with a count. */

/**
 * Makes `say` sparing. The first event of a kind is said at once; what follows within `everyMs` is said together when
 * that time is over, so that no flood is silent and none fills the log. The timer keeps no process alive.
 * @param keyOf the kind; of few kinds, for each is remembered while it goes on
 * @param say gets the newest fields of the kind and how many events they stand for
 */
export function sampled<Fields>(
  everyMs: number,
  keyOf: (fields: Fields) => string,
  say: (fields: Fields, times: number) => void,
): (fields: Fields) => void {
  const unsaid = new Map<string, { fields: Fields; times: number }>();
  const wait = (key: string) => setTimeout(() => sayRest(key), everyMs).unref();
  const sayRest = (key: string) => {
    const rest = unsaid.get(key);
    unsaid.delete(key);
    if (rest === undefined || rest.times === 0) return;
    say(rest.fields, rest.times);
    unsaid.set(key, { fields: rest.fields, times: 0 });
    wait(key);
  };
  return (fields) => {
    const key = keyOf(fields);
    const going = unsaid.get(key);
    if (going !== undefined) {
      going.fields = fields;
      going.times += 1;
      return;
    }
    say(fields, 1);
    unsaid.set(key, { fields, times: 0 });
    wait(key);
  };
}
