import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { catalogueProblems } from '../provider/catalogue-schema.ts';
import { columns } from '../report/text.ts';
import { type Context, type ExitCode, say } from './context.ts';
import { complain } from './course.ts';
import { runVitest } from './test.ts';

/** Catalogues that tests make: last summer's, two that are drawn, one whose models always think. `wide-<seed>` draws others. */
export const VARIANTS = ['august', 'wide-1', 'wide-2', 'always-thinks'] as const;

/**
 * `npm run verify -- catalogue <file|variant> [day …]`: plays the course with another catalogue of models, and says which
 * verdicts and figures it moves, and which lab's premises it breaks.
 */
export async function verifyCatalogue(context: Context, words: readonly string[]): Promise<ExitCode> {
  const [named, ...days] = words;
  const isVariant = VARIANTS.some((variant) => variant === named) || /^wide-\d+$/.test(named ?? '');
  if (named === undefined || !(isVariant || existsSync(resolve(context.cwd, named))))
    return complain(
      context,
      `Name a catalogue: a file, or one of ${VARIANTS.join(', ')}, or wide-<any number>.`,
    );
  const file = isVariant ? named : resolve(context.cwd, named);
  const problems = isVariant ? [] : problemsOf(file);
  if (problems.length > 0)
    return complain(
      context,
      `${named} is no catalogue:\n${problems.slice(0, 10).join('\n')}\nlib/provider/catalogue-schema.ts says what each field may be. Nothing was played.`,
    );
  const scratch = mkdtempSync(join(tmpdir(), 'workbook-catalogue-'));
  const moved = join(scratch, 'moved.tsv');
  const env = { ...context.env, WORKBOOK_CATALOGUE: file, WORKBOOK_MOVED: moved };
  const proofs =
    days.length > 0 ? days.flatMap((day) => [`/${day}.proof`, `/${day}.capstone`]) : ['.proof.test'];
  const code = await runVitest(['run', '--project', 'workbook', ...proofs], context, env);
  const noted = existsSync(moved) ? readFileSync(moved, 'utf8').trim().split('\n') : [];
  rmSync(scratch, { recursive: true });
  const rows = noted.map((line) => line.split('\t'));
  const [premises, figures] = [rows.filter(isPremise), rows.filter((row) => !isPremise(row))];
  for (const [id, , says] of premises)
    say(context, `\n${id} was not played, for it takes for granted: ${says}.`);
  say(context, `\n${figures.length} figures would be printed otherwise${figures.length > 0 ? ':' : '.'}`);
  if (figures.length > 0) say(context, columns(figures).join('\n'));
  return code;
}

/** `npm run verify -- reprint`: writes what is measured now into all texts, twice, because lessons quote tasks; first the capstone's ten days. */
export async function reprint(context: Context): Promise<ExitCode> {
  const env = { ...context.env, WORKBOOK_REPRINT: '1' };
  const thorough = { ...env, WORKBOOK_ALL: '1', WORKBOOK_SEEDS: '10' };
  await runVitest(['run', '--project', 'workbook', 'test/course/day5.capstone'], context, thorough);
  await runVitest(['run', '--project', 'workbook', 'test/course'], context, env);
  return runVitest(['run', '--project', 'workbook', 'test/course'], context, env);
}

function isPremise([, kind]: readonly string[]): boolean {
  return kind === 'premise';
}

function problemsOf(file: string): string[] {
  try {
    return catalogueProblems(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    return [(error as Error).message];
  }
}
