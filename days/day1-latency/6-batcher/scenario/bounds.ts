import { type Load, MAX_SIZE, MAX_WAIT_MS, type Message, plain, type Sorted } from './desk.ts';

/** How long a message waited until the call was made whose end brought its answer. */
export function waitOf({ shop, text, atMs, settledMs, desk }: Sorted, loads: readonly Load[]): number {
  if (desk === null) return settledMs - atMs;
  const asked = plain(text);
  const carries = (load: Load) => load.texts.some((it) => plain(it) === asked);
  const ended = loads.filter((load) => load.shop === shop && load.endMs <= settledMs);
  const load = ended.find((each) => each.endMs === settledMs && carries(each)) ?? ended.find(carries);
  return Math.max(0, (load?.atMs ?? atMs) - atMs);
}

/**
 * The fewest calls that can carry a shop's messages if none waits longer than it may: a call is opened by a message
 * and takes all that come within its wait, up to its size. As all may wait equally long, no other order saves a call. A message that came before in the day needs no place.
 */
export function fewestCalls(messages: readonly Message[]): number {
  const seen = new Set<string>();
  let calls = 0;
  let size = 0;
  let openedMs = 0;
  for (const { text, atMs } of [...messages].sort((a, b) => a.atMs - b.atMs)) {
    if (seen.has(plain(text))) continue;
    seen.add(plain(text));
    if (size === 0 || size === MAX_SIZE || atMs > openedMs + MAX_WAIT_MS) {
      calls += 1;
      size = 0;
      openedMs = atMs;
    }
    size += 1;
  }
  return calls;
}
