import type { FitOptions, Turn } from '#course/day2-tokens/contracts/fit-context.ts';

interface Block {
  turns: Turn[];
  cost: number;
  stays: boolean;
}

/** No cut is made again: what has to go is rounded up to steps of half of the room. */
export function fitContext(history: Turn[], { limit, reserveOutput, pins, tokensOf }: FitOptions): Turn[] {
  const blocks: Block[] = [];
  for (const [at, turn] of history.entries()) {
    const stays = pins(turn) > 0 || turn.role === 'system' || at === history.length - 1;
    const last = blocks.at(-1);
    if (turn.role === 'tool' && last && 'tool_calls' in (last.turns[0] ?? {})) {
      last.turns.push(turn);
      last.cost += tokensOf(turn);
      last.stays ||= stays;
    } else blocks.push({ turns: [turn], cost: tokensOf(turn), stays });
  }
  const costOf = (some: Block[]) => some.reduce((sum, block) => sum + block.cost, 0);
  const free = blocks.filter((block) => !block.stays);
  const space = limit - reserveOutput - 3 - costOf(blocks.filter((block) => block.stays));
  const step = Math.max(1, Math.floor(space / 2));
  const tooMuch = Math.max(0, Math.ceil((costOf(free) - space) / step) * step);
  const gone = new Set<Block>();
  for (const block of free) if (costOf([...gone]) < tooMuch) gone.add(block);
  return blocks.filter((block) => !gone.has(block)).flatMap((block) => block.turns);
}
