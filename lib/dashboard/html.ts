import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from '../workbook/runs.ts';
import { documentHtml } from './document.ts';

/** The parts of the page that do not depend on the records. */
export interface PageParts {
  style: string;
  script: string;
}

const PAGE = new URL('./page/', import.meta.url);

/** Bundles a page's script with the charting library. A page of another name has styles of its own besides. */
export async function buildPage(name: 'main' | 'week' = 'main'): Promise<PageParts> {
  const { build } = await import('vite');
  const built = await build({
    ...{ configFile: false, envDir: false, publicDir: false, logLevel: 'silent' },
    root: fileURLToPath(PAGE),
    build: {
      ...{ write: false, minify: true, target: 'es2022', reportCompressedSize: false },
      lib: { entry: fileURLToPath(new URL(`${name}.ts`, PAGE)), formats: ['iife'], name: 'dashboard' },
    },
  });
  const [output] = [built].flat();
  const chunk = output && 'output' in output ? output.output[0] : undefined;
  if (!chunk) throw new Error(`The bundler made nothing of lib/dashboard/page/${name}.ts.`);
  const library = createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css');
  const sheets = [
    library,
    new URL('page.css', PAGE),
    ...(name === 'week' ? [new URL('week.css', PAGE)] : []),
  ];
  return { style: sheets.map((sheet) => readFileSync(sheet, 'utf8')).join(''), script: chunk.code };
}

/** One page that needs nothing else. A live one asks its own server for later records; a saved one asks nobody. */
export function pageHtml(
  { style, script }: PageParts,
  records: readonly RunRecord[],
  { live, savedAt = '' }: { live: boolean; savedAt?: string },
): string {
  return documentHtml({
    policy: policy(script, live),
    style,
    script: inScript(script),
    records: inData(records),
    live,
    savedAt,
  });
}

/** The page may run this script and nothing else, and may ask nobody but its own server. */
export function policy(script: string, live: boolean): string {
  const hash = createHash('sha256').update(inScript(script)).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    `connect-src ${live ? "'self'" : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** A script in a page ends at the first "</script", also inside a string. */
export function inScript(script: string): string {
  return script.replaceAll('</script', '<\\/script');
}

/** Data in a page, in which no "<" stands. */
export function inData(data: unknown): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}
