import { existsSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import type { Vite } from 'vitest/node';
import { CLOCK, slashes } from '../held-imports.ts';
import { MACHINERY_SCHEME } from '../launch.ts';
import type { Machinery } from './machinery.ts';

/** The running clock's hold, which held imports ask for. */
const HOLD = `${MACHINERY_SCHEME}clock/hold`;

/** What the files of the run at hand mean. */
export interface Imports {
  /** What each `#days/…` import means. */
  current: Record<string, string>;
  /** The files under check, and the names that each must export. */
  subjects: { file: string; text: string; names: readonly string[] }[];
  /** Folder of the lab's solution, which its answers may not import. Undefined for an answer of the course's own. */
  solution?: string;
  /** Counts the gradings: what stands in for a subject is made anew for each. */
  run: number;
}

/** An answer, and what it imports, is loaded as files of its own: nothing that it changes is seen by course files. */
export const ANSWER = '?answer';
/** Marks the check file as the process of the answer loads it. */
export const COURSE = '?course';

const JUDGED = '\0judged:';
const STUB = '\0stub:';

/** The stand-in for a file under check, in the process of the answer: filled once the answer is loaded. */
export function stubOf(index: number, { run }: Pick<Imports, 'run'>): string {
  return `${STUB}${index}:${run}`;
}

/**
 * Puts what stands in for the subject in the place of every `#days/…` import of it, and compiled files in the place of
 * clock, provider and checks. Gives `#lib/…` and packages to files that lie outside of this package (a path given by
 * hand, a workbook elsewhere) as if they lay inside.
 */
export function subjectResolver(home: string, imports: Imports, machinery: Machinery): Vite.Plugin {
  const inside = join(home, 'package.json');
  return {
    name: 'workbook-subject',
    enforce: 'pre',
    configureVitest({ experimental_defineCacheKeyGenerator }) {
      // Compiled files hold what their imports resolved to. A check's mean another file for every subject, so only
      // the machinery itself is kept between runs, for each version of the compiled files that it imports.
      experimental_defineCacheKeyGenerator(({ id }) =>
        isBelow(join(home, 'lib'), id) ? machinery.version : false,
      );
    },
    load(id) {
      const subject = id.endsWith(ANSWER) && imports.subjects.find(({ file }) => file === cleanPath(id));
      if (subject) return subject.text;
      const names = imports.subjects[Number(id.split(':')[1])]?.names ?? [];
      if (id.startsWith(STUB)) return stub(names);
      return id.startsWith(JUDGED) ? judged(Number(id.split(':')[1]), names) : null;
    },
    async resolveId(source, importer, options) {
      if (source.startsWith(STUB)) return source;
      if (source.endsWith(ANSWER)) {
        const found = await this.resolve(cleanPath(source), undefined, { ...options, skipSelf: true });
        return found && allowed(found.id, imports, home);
      }
      const byAnswer = importer?.endsWith(ANSWER) ?? false;
      const own = importer && cleanPath(importer);
      if (source.startsWith('#days/')) {
        const file = imports.current[source];
        if (byAnswer) return file ? allowed(file, imports, home) : null;
        const index = imports.subjects.findIndex((subject) => subject.file === file);
        if (index < 0 || !own?.endsWith('/check.test.ts')) return file ?? null;
        return importer?.endsWith(COURSE) ? stubOf(index, imports) : `${JUDGED}${index}:${imports.run}`;
      }
      if (byAnswer && source === CLOCK) return { id: HOLD, external: true };
      const compiled = byAnswer && !source.startsWith('openai') ? undefined : machinery.resolve(source, own);
      // To an answer the SDK alone is given, under a name that is no file.
      if (compiled !== undefined)
        return {
          id: byAnswer ? `${MACHINERY_SCHEME}${machinery.sourceOf(compiled)}` : compiled,
          external: true,
        };
      const bare = !source.startsWith('.') && !isAbsolute(source) && !source.startsWith('node:');
      const stranger = bare && !source.startsWith('\0') && own !== undefined && !isInside(home, own);
      if (!byAnswer && !stranger) return null;
      const found = await this.resolve(source, stranger ? inside : own, { ...options, skipSelf: true });
      if (!byAnswer || !found || found.external || !isAbsolute(found.id)) return found;
      return found.id.includes('/node_modules/') ? found : allowed(found.id, imports, home);
    },
  };
}

/** The answer's own copy of a file. Rejects with a sentence where it is one that no answer may import. */
function allowed(file: string, { solution, subjects }: Imports, home: string): string {
  if (subjects.some((subject) => subject.file === file)) return `${file}${ANSWER}`;
  const name = basename(subjects[0]?.file ?? '');
  if (solution && isBelow(solution, file))
    throw new TamperError(`${name} imports the solution of its own lab`);
  const ofChecks = isBelow(join(home, 'lib', 'check'), file) || isBelow(join(home, 'lib', 'grader'), file);
  if (ofChecks || file.endsWith('.test.ts')) throw new TamperError(`${name} imports the checks`);
  return `${file}${ANSWER}`;
}

/** An answer wants what belongs to the grading. */
export class TamperError extends Error {
  override readonly name = 'TamperError';
}

function judged(index: number, names: readonly string[]): string {
  const lines = names.map((name) => `export const ${name} = all[${JSON.stringify(name)}];`);
  return [`const all = await globalThis.workbookElsewhere.exportsOf(${index});`, ...lines].join('\n');
}

function stub(names: readonly string[]): string {
  const list = names.join(', ');
  return `${names.length > 0 ? `export let ${list};` : ''}\nexport const __fill = (all) => { ${names.map((name) => `${name} = all.${name};`).join(' ')} };`;
}

function isInside(home: string, file: string): boolean {
  return !existsSync(file) || isBelow(home, file);
}

function isBelow(folder: string, file: string): boolean {
  return slashes(file).startsWith(`${slashes(folder)}/`);
}

/** An id without the marks of this file. */
export function cleanPath(id: string): string {
  return id.replace(/\?(answer|course)$/, '');
}
