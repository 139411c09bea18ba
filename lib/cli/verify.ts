import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { dayOf } from '../provider/day.ts';
import { endingSoon } from '../provider/models.ts';
import { isAttempted } from '../workbook/starter.ts';
import { allLabs, readWorkbook, shownFile } from '../workbook/workbook.ts';
import { type Context, type ExitCode, runEntry, say } from './context.ts';
import { mutants } from './mutants.ts';
import { runNode, runVitest } from './test.ts';
import { reprint, VARIANTS, verifyCatalogue } from './verify-catalogue.ts';
import { writeMistakesOut } from './verify-mistakes.ts';

/** `npm run verify`: the long proof; `-- all` plays mistakes on every seed too. Stops at the first step that fails. */
export function main(): Promise<void> {
  return runEntry(([part, ...words], context) => {
    if (part === 'mutants') return mutants(context, words);
    if (part === 'catalogue') return verifyCatalogue(context, words);
    if (part === 'reprint') return reprint(context);
    if (part === undefined) return verify(context);
    if (part === 'all') return verify({ ...context, env: { ...context.env, WORKBOOK_ALL: '1' } });
    say(
      context,
      `verify has no part "${part}". There are: all, catalogue, mutants, reprint. Without one it runs what the build runs.`,
    );
    return Promise.resolve(2);
  });
}

interface Step {
  name: string;
  run(context: Context): Promise<ExitCode> | ExitCode;
}

const STEPS: readonly Step[] = [
  {
    name: 'types',
    run: (context) => runNode([binOf('typescript', 'bin/tsc'), '-p', typesConfig(context)], context),
  },
  {
    name: 'lint and format',
    run: (context) => runNode([binOf('@biomejs/biome', 'bin/biome'), 'check', '.'], context),
  },
  { name: 'types and lint of the mistakes', run: mistakesAreCode },
  { name: 'starters equal before.ts', run: startersAreUntouched },
  {
    name: 'whole commands and pages',
    run: (context) => runVitest(['run', '--project', 'long'], context),
  },
  { name: 'every answer on several seeds', run: manySeeds },
  { name: 'a sample of changed solutions', run: someMutants },
  { name: 'the course on other catalogues of models', run: otherCatalogues },
];

async function verify(context: Context): Promise<ExitCode> {
  for (const { role, model, lastDay } of endingSoon(dayOf()))
    say(context, `Mind: ${model}, which plays "${role}", ends on ${lastDay}.`);
  for (const step of STEPS) {
    const startedAt = performance.now();
    const code = await step.run(context);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    if (code !== 0) {
      say(context, context.style.paint('red', `verify failed at: ${step.name} (${seconds} s)`));
      return 1;
    }
    say(context, `${context.style.paint('green', 'ok')}  ${step.name} (${seconds} s)`);
  }
  return 0;
}

// --- steps -------------------------------------------------------------------------------------------------------

async function mistakesAreCode(context: Context): Promise<ExitCode> {
  const cwd = writeMistakesOut(context.root);
  const types = await runNode([binOf('typescript', 'bin/tsc'), '-p', '.'], context, { cwd });
  return types || runNode([binOf('@biomejs/biome', 'bin/biome'), 'check', '.'], context, { cwd });
}

function startersAreUntouched(context: Context): ExitCode {
  const touched = allLabs(readWorkbook(context.root)).filter(isAttempted);
  for (const lab of touched) {
    say(
      context,
      `${shownFile(lab)} differs from solutions/${lab.key}/before.ts. To restore it: npm run lab -- reset ${lab.id}`,
    );
  }
  return touched.length === 0 ? 0 : 1;
}

function manySeeds(context: Context): Promise<ExitCode> {
  const env = { ...context.env, WORKBOOK_SEEDS: '20' };
  return runVitest(['run', '--project', 'workbook', 'test/course'], context, env);
}

/** A few changes of each solution; with `-- all` every one. */
function someMutants(context: Context): Promise<ExitCode> {
  return mutants(context, context.env.WORKBOOK_ALL ? [] : ['--sample', '4']);
}

/** The hardest of them; with `-- all` each. */
async function otherCatalogues(context: Context): Promise<ExitCode> {
  for (const name of context.env.WORKBOOK_ALL ? VARIANTS : ['always-thinks']) {
    const code = await verifyCatalogue(context, [name]);
    if (code !== 0) return code;
  }
  return 0;
}

function typesConfig({ root }: Context): string {
  const all = join(root, 'test', 'tsconfig.json');
  return existsSync(all) ? all : join(root, 'tsconfig.json');
}

/** Path of a package's command, found from its description: packages need not export it. */
function binOf(name: string, bin: string): string {
  const home = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  return join(home, bin);
}
