import { createInterface, type Key } from 'node:readline';
import { isAccessible } from '../report/style.ts';
import type { Context } from './context.ts';

export interface Choice<T> {
  label: string;
  value: T;
  /** Shown beside the label, dimmed. */
  hint?: string;
}

/** What a person answered: a choice, one step back (Esc), or the end of the program (Ctrl-C). */
export type Answer<T> = { kind: 'chosen'; value: T } | { kind: 'back' } | { kind: 'interrupted' };

/** Asks for one of the choices, with arrow keys, or by number where ACCESSIBLE is set. */
export async function choose<T>(
  context: Context,
  question: string,
  choices: readonly Choice<T>[],
  initial = 0,
): Promise<Answer<T>> {
  if (isAccessible(context.env)) return chooseByNumber(context, question, choices);
  const { default: prompts } = await import('prompts');
  // prompts reports Esc and Ctrl-C alike, so the key is watched beside it.
  let last: Key | undefined;
  const watch = (_: unknown, key: Key | undefined) => {
    last = key;
  };
  context.stdin.on('keypress', watch);
  try {
    const select = {
      type: 'select' as const,
      name: 'at' as const,
      message: question,
      choices: choices.map(({ label, hint }, value) => ({
        title: hint ? `${label}  ${context.style.paint('dim', hint)}` : label,
        value,
      })),
      initial: Math.max(0, initial),
      hint: ' ',
      // The package knows this option, its types do not.
      optionsPerPage: Math.max(5, Math.min(choices.length, (context.stdout.rows ?? 24) - 4)),
      instructions: false,
      stdin: context.stdin as NodeJS.ReadStream,
      stdout: context.stdout as NodeJS.WriteStream,
    };
    const { at } = await prompts(select);
    const choice = typeof at === 'number' ? choices[at] : undefined;
    if (choice) return { kind: 'chosen', value: choice.value };
    return last?.ctrl && last.name === 'c' ? { kind: 'interrupted' } : { kind: 'back' };
  } finally {
    context.stdin.off('keypress', watch);
    restoreTerminal(context);
  }
}

/** Runs `work` while keys are ignored, so that an impatient Enter does not answer the next question. */
export async function withKeysIgnored<T>(
  context: Context,
  work: () => Promise<T>,
  interrupt: () => void,
): Promise<T> {
  const stdin = context.stdin as NodeJS.ReadStream;
  const onData = (data: Buffer | string) => {
    if (data.toString().includes('\u0003')) interrupt();
  };
  stdin.setRawMode?.(true);
  stdin.on('data', onData).resume();
  try {
    return await work();
  } finally {
    stdin.off('data', onData).pause();
    stdin.setRawMode?.(false);
  }
}

/** Leaves the terminal as it was found: cursor shown, keys echoed, line by line. */
export function restoreTerminal(context: Context): void {
  (context.stdin as NodeJS.ReadStream).setRawMode?.(false);
  context.stdout.write('\u001b[?25h');
}

// --- ACCESSIBLE --------------------------------------------------------------------------------------------------

async function chooseByNumber<T>(
  context: Context,
  question: string,
  choices: readonly Choice<T>[],
): Promise<Answer<T>> {
  const lines = choices.map(({ label, hint }, at) => `  ${at + 1}  ${label}${hint ? ` (${hint})` : ''}`);
  context.stdout.write(`${[question, ...lines].join('\n')}\n`);
  for (;;) {
    const typed = await askLine(context, `Type a number from 1 to ${choices.length}, or b to go back: `);
    if (typed === undefined) return { kind: 'interrupted' };
    if (typed === 'b' || typed === '') return { kind: 'back' };
    const choice = choices[Number(typed) - 1];
    if (choice) return { kind: 'chosen', value: choice.value };
    context.stdout.write(`"${typed}" is not one of the choices.\n`);
  }
}

/** One typed line; undefined when the input ends or Ctrl-C is pressed. */
function askLine(context: Context, prompt: string): Promise<string | undefined> {
  const lines = createInterface({ input: context.stdin, output: context.stdout });
  return new Promise((resolve) => {
    lines.on('SIGINT', () => lines.close());
    lines.on('close', () => resolve(undefined));
    lines.question(prompt, (line) => {
      resolve(line.trim());
      lines.close();
    });
  });
}
