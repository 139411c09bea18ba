import type { Random } from '#lib/provider';

const KEYS = 80;
const BURSTS = 240;
const BURST = 20;
const SHORT = 300;
const LONG = 40;

/** Pages that ask for ten answers at once, each of them in two places. */
export function lookupsOf(random: Random): string[][] {
  return Array.from({ length: BURSTS }, () =>
    Array.from(
      { length: BURST / 2 },
      () => `answer:question ${Math.floor(KEYS ** random.next()) - 1}`,
    ).flatMap((key) => [key, key]),
  );
}

/** Short answers of a sentence, which compression makes longer, long ones, and bytes that are compressed already. */
export function answersOf(random: Random): unknown[] {
  const words =
    'the invoice order plan is under settings billing and can be changed until it has been sent'.split(' ');
  const text = (length: number) => Array.from({ length }, () => random.pick(words)).join(' ');
  return [
    ...Array.from(
      { length: SHORT },
      () => `Ticket ${random.int(1e9).toString(36)} is ${random.pick(['open', 'closed'])}.`,
    ),
    ...Array.from({ length: LONG }, () => ({ text: text(400), asked: new Date(random.int(1e9)) })),
    ...Array.from({ length: 5 }, () => Uint8Array.from({ length: 2000 }, () => random.int(256))),
  ];
}
