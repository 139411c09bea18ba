import { mistakeScreen } from '../../report/mistake-screen.ts';
import { plainJson } from '../../report/visible.ts';
import { type Mistake, readMistakes } from '../../workbook/mistakes.ts';
import { isAttempted } from '../../workbook/starter.ts';
import { type Lab, shownFile } from '../../workbook/workbook.ts';
import { choose, restoreTerminal } from '../ask.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { complain } from '../course.ts';

/** Shows a lab's mistakes as diffs, one at a time in a terminal, after an attempt. */
export async function mistakes(context: Context, lab: Lab, json: boolean): Promise<ExitCode> {
  if (!isAttempted(lab)) {
    const refusal = `The mistakes of ${lab.id} open after an attempt, and ${shownFile(lab)} is still the starter.`;
    return complain(context, `${refusal} A hint: npm run lab -- hint ${lab.id}`);
  }
  const all = readMistakes(lab);
  if (json) {
    say(context, plainJson({ version: 1, lab: lab.id, mistakes: all.map(asJson) }, 2));
    return 0;
  }
  if (context.stdin.isTTY && context.stdout.isTTY) return oneByOne(context, lab, all);
  say(context, all.map((mistake) => mistakeScreen(mistake, context.style)).join('\n\n\n'));
  return 0;
}

async function oneByOne(context: Context, lab: Lab, all: readonly Mistake[]): Promise<ExitCode> {
  context.onStop(() => restoreTerminal(context));
  let at = 0;
  for (let mistake = all[at]; mistake; mistake = all[at]) {
    say(context, `\n${mistakeScreen(mistake, context.style)}\n`);
    const turns = [
      ...(at + 1 < all.length ? [{ label: 'Next', value: 1 }] : []),
      ...(at > 0 ? [{ label: 'Previous', value: -1 }] : []),
      { label: 'Done', value: 0 },
    ];
    const turn = await choose(context, `${lab.id}, mistake ${at + 1} of ${all.length}`, turns);
    if (turn.kind === 'interrupted') return 130;
    if (turn.kind === 'back' || turn.value === 0) return 0;
    at += turn.value;
  }
  return 0;
}

function asJson({ name, belief, effect, rejectedBy, base, diff, text }: Mistake) {
  const told = { name, belief, effect, rejectedBy, base: base ?? 'solution' };
  return diff === '' ? { ...told, diff: null, text } : { ...told, diff, text: null };
}
