import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { countedPieces } from '../../lib/provider/tokens.ts';

const FILE = resolve('lib/provider/known-pieces.json');
/** Longer pieces are rare, and most hold a number or a name that is drawn anew for each seed. */
const LONGEST = 20;

/**
 * Adds the pieces that this process has counted to the file of known counts, if `WORKBOOK_WRITE_PIECES` asks for it:
 * `WORKBOOK_WRITE_PIECES=1 npm test -- test/course`. Run it when labs have new texts.
 */
export function writeKnownPieces(): void {
  if (!process.env.WORKBOOK_WRITE_PIECES) return;
  const known: Record<string, number> = JSON.parse(readFileSync(FILE, 'utf8')).o200k_base;
  for (const [piece, count] of countedPieces('o200k_base'))
    if (piece.length <= LONGEST && !/\d/.test(piece)) known[piece] = count;
  const sorted = Object.fromEntries(Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(FILE, `${JSON.stringify({ o200k_base: sorted })}\n`);
}
