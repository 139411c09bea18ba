import type { Command } from './command-line.ts';
import { COMMANDS, openMenu } from './commands.ts';
import { type Context, type ExitCode, say } from './context.ts';
import { complain } from './course.ts';
import { synopsis } from './definition.ts';

/** Does what the arguments asked for. */
export async function runCommand(planned: Command, context: Context): Promise<ExitCode> {
  if (planned.name === 'usage') return complain(context, planned.problem);
  if (planned.name === 'menu') return openMenu(context, planned.word);
  if (planned.name === 'command') {
    const definition = COMMANDS[planned.command];
    if (definition) return definition.run(context, planned.words, planned.flags);
  }
  say(context, helpText());
  return 0;
}

function helpText(): string {
  const rows = Object.entries(COMMANDS).flatMap(([name, definition]) => [
    `  ${synopsis(name, definition)}`,
    `      ${definition.does}`,
  ]);
  return [
    'npm run lab                 the menu, opened at the next lab',
    'npm run lab day1            the same, opened at day 1',
    '',
    'npm run lab -- COMMAND:',
    '',
    ...rows,
    '  help',
    '      this text',
    '',
    'run --live asks before it spends (default budget: $0.05). Before each call it sets aside the most that the call',
    'can cost, and refuses the call that does not fit. Where your code sets no limit, answers are cut at 1,000 tokens or',
    'at what is left of the budget for each call.',
    '',
    'Each check may compute for 10 s (a lab of an hour: 20 s) and take 1024 MB. A slow or small machine can be given other limits by',
    'the variables WORKBOOK_TIME_LIMIT (seconds) and WORKBOOK_MEMORY_LIMIT (megabytes).',
    '',
    'LAB is an id (day1.2, or 1.2), a slug, or a unique part of one. DAY is day1.',
    'npm passes flags on only after "--". Where output is parsed: npm run --silent lab -- check day1 --json',
  ].join('\n');
}
