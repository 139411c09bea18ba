import type { Random } from '#lib/provider';
import { MAX_SIZE, type Message } from './desk.ts';

const MATTERS = [
  'Where is my parcel',
  'I want to send it back',
  'The invoice is wrong',
  'My code does not work',
];

/** A morning of steady traffic, a rush, quiet hours, and eleven messages at one moment. */
export function dayOf(shop: string, random: Random): Message[] {
  const messages: Message[] = [];
  let nowMs = 0;
  const come = (count: number, meanGapMs: number, quiet = false) => {
    for (let i = 0; i < count; i += 1) {
      nowMs += Math.round(random.exponential(meanGapMs));
      messages.push({ shop, text: quiet ? about(random) : write(random), atMs: nowMs, quiet });
    }
  };
  come(30, 20);
  come(150, 4);
  nowMs += 10_000;
  come(10, 8000, true);
  nowMs += 10_000;
  come(MAX_SIZE + 1, 0);
  return messages;
}

/** In a rush one message in five says what others say, in another spelling. */
function write(random: Random): string {
  if (random.next() < 0.8) return about(random);
  const matter = random.pick(MATTERS);
  return random.pick([
    matter,
    `${matter}.`,
    `${matter}!`,
    matter.toLowerCase(),
    matter.replaceAll(' ', '  '),
  ]);
}

function about(random: Random): string {
  return `Order ${1000 + random.int(9000)}: the colour is not the one I chose`;
}
