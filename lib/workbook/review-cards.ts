import { type Card, createEmptyCard, fsrs, Rating } from 'ts-fsrs';

/** When a change should be seen again, as it is written into progress.json. */
export type ReviewCard = Record<string, unknown> & { due: string };

/** Whole days: a round is not a thing to do twice in an hour. */
const scheduler = fsrs({ enable_short_term: false, enable_fuzz: false });

/** The card after an answer. What was told wrong comes back soon, what was told right later each time. */
export function answered(card: ReviewCard | undefined, right: boolean, now: Date): ReviewCard {
  const before = card ? (card as unknown as Card) : createEmptyCard(now);
  const { card: after } = scheduler.next(before, now, right ? Rating.Good : Rating.Again);
  return JSON.parse(JSON.stringify(after)) as ReviewCard;
}

/**
 * The cards of a progress file that can be answered now. One that was seen in the future, because the clock was set back,
 * cannot, nor one that somebody has edited: what it stands for is new again.
 */
export function soundCards(cards: unknown, now: Date): Record<string, ReviewCard> {
  if (typeof cards !== 'object' || cards === null) return {};
  const entries = Object.entries(cards).filter(([, card]) => isSound(card, now));
  return Object.fromEntries(entries) as Record<string, ReviewCard>;
}

function isSound(card: unknown, now: Date): boolean {
  try {
    const { due } = card as ReviewCard;
    return !Number.isNaN(Date.parse(due)) && answered(card as ReviewCard, true, now).due !== null;
  } catch {
    return false;
  }
}
