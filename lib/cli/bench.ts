import { benchGrader, type WaitRow } from '../bench/grader.ts';
import { type BenchRow, benchProvider } from '../bench/provider-speed.ts';
import { type Context, type ExitCode, runEntry, say } from './context.ts';
import { watchFiles } from './watch/watcher.ts';

/** `npm run bench`: how fast the provider and the grader are, each beside a baseline that was measured with it. */
export function main(): Promise<void> {
  return runEntry(bench);
}

const PARTS = ['provider', 'grader'] as const;
/** Asks for a run of a million requests as well. */
const MILLION = '--million';

async function bench(argv: string[], context: Context): Promise<ExitCode> {
  const million = argv.includes(MILLION);
  const parts = argv.filter((word) => word !== MILLION);
  const unknown = parts.find((word) => !PARTS.some((part) => part === word));
  if (unknown !== undefined) {
    context.stderr.write(
      `"${unknown}" is not measured. Use: npm run bench -- [${PARTS.join('|')}] [${MILLION}]\n`,
    );
    return 2;
  }
  const wants = (part: string) => parts.length === 0 || parts.includes(part);
  const tell = (text: string) => context.stderr.write(`Measuring: ${text}\n`);
  const { root, env } = context;
  if (wants('grader')) {
    const watch = (dir: string, files: readonly string[], onChange: () => void) =>
      watchFiles(dir, files, { onChange, onPolling: () => {} });
    for (const row of await benchGrader({ root, env, watch, say: tell })) say(context, waitLines(row));
  }
  if (wants('provider'))
    await benchProvider({ say: tell, add: (row) => say(context, rateLine(row)), million });
  return 0;
}

function waitLines({ name, command, baseline, medianMs, p95Ms, baselineMs, ratio, aim }: WaitRow): string {
  const lines = [`${name}: median ${seconds(medianMs)}, p95 ${seconds(p95Ms)}`];
  if (ratio !== null) lines[0] += `, ${ratio.toFixed(2)} times the baseline`;
  lines.push(`  aim       ${aim}`, `  ours      ${command}`);
  if (baseline !== null && baselineMs !== null)
    lines.push(`  baseline  ${baseline} (median ${seconds(baselineMs)})`);
  return lines.join('\n');
}

function rateLine({ name, unit, ours, baseline, ratio, aim }: BenchRow): string {
  const beside = baseline === null ? '' : `, baseline ${figure(baseline)}`;
  const times = ratio === null ? '' : `, ${ratio.toFixed(2)} times the baseline`;
  return `${name}: ${figure(ours)} ${unit}${beside}${times}${aim === null ? '' : ` (aim: at ${ratio === null ? 'most' : 'least'} ${aim})`}`;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function figure(value: number): string {
  return value.toLocaleString('en-GB', { maximumSignificantDigits: 3 });
}
