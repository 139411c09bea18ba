import { createInterface } from 'node:readline';
import { type Context, say } from '../context.ts';
import type { Table } from './review-table.ts';

/**
 * A review for programs: each event is a line of JSON on stdout, each answer a line on stdin with the number of an option,
 * counted from 1. The round is left when stdin ends.
 */
export function reviewByLines(context: Context): Table {
  const input = createInterface({ input: context.stdin });
  const lines = input[Symbol.asyncIterator]();
  const write = (event: string, told: object) => say(context, JSON.stringify({ version: 1, event, ...told }));
  return {
    async ask({ lab, file, diff, options }, at, of) {
      write('change', { at, of, lab: lab.id, file, diff, options });
      for (;;) {
        const { done, value } = await lines.next();
        if (done) return { kind: 'back' };
        const option = options[Number(value) - 1];
        if (option !== undefined) return { kind: 'chosen', option };
        context.stderr.write(`"${value}" is no number from 1 to ${options.length}.\n`);
      }
    },
    grade: (work) => work(),
    tell({ mistake, mends }, { status, metrics }, broken, right) {
      const words = (of: typeof mistake) =>
        of ? { name: of.name, belief: of.belief, effect: of.effect } : null;
      const breaks = broken ? { name: broken.name, message: broken.message } : null;
      write('verdict', { right, status, breaks, metrics, mistake: words(mistake), mends: words(mends) });
    },
    end: (right, of) => write('score', { right, of }),
    close: () => input.close(),
  };
}
