import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { variant, writeVariant } from './catalogues.ts';

/**
 * Lets one process grade many subjects. A check file imported as `check.test.ts?subject=<path>&n=<k>` gets that file
 * where it says `#days/<its own lab>/…`, as a module of its own, so nothing of one subject is left for the next.
 * What it imports from other labs is their solution.
 */
export function subjectPlugin(): Plugin {
  return {
    name: 'workbook:subject',
    enforce: 'pre',
    resolveId(source, importer) {
      if (!source.startsWith('#days/') || !importer) return null;
      const [file = '', query = ''] = importer.split('?');
      const subject = new URLSearchParams(query).get('subject');
      const lab = /days\/([^/]+\/[^/]+)\/check\.test\.ts$/.exec(file.replaceAll('\\', '/'))?.[1];
      if (!subject || !lab || !source.startsWith(`#days/${lab}/`)) return null;
      return `${subject}?n=${new URLSearchParams(query).get('n')}`;
    },
  };
}

/**
 * Another catalogue of models in the place of the one that is shipped: what `WORKBOOK_CATALOGUE` names, a variant of
 * catalogues.ts or a file.
 */
export function cataloguePlugin(): Plugin {
  const given = process.env.WORKBOOK_CATALOGUE;
  const drawn = given && variant(given);
  const folder = join(tmpdir(), 'workbook-catalogues');
  const file = drawn ? writeVariant(given, drawn, folder) : given && resolve(given);
  return {
    name: 'workbook:catalogue',
    enforce: 'pre',
    resolveId: (source) => (file && source.endsWith('/catalogue.json') ? file : null),
  };
}

/** The id under which a check file is imported for a subject. Slashes are encoded: the id's folder must stay the file's. */
export function checkFor(checkFile: string, subject: string, n: number): string {
  return `${checkFile}?subject=${encodeURIComponent(subject)}&n=${n}`;
}
