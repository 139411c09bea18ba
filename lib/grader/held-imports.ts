import { join } from 'node:path';
import type { Plugin } from 'vite';
import { HOME } from '../workbook/home.ts';

/** With forward slashes, as vite's ids have them. */
export const CLOCK = slashes(join(HOME, 'lib', 'clock', 'index.ts'));
const MACHINERY = ['lib', 'test'].map((part) => `${slashes(join(HOME, part))}/`);

/**
 * Loading a file takes real time and no virtual time: while `import()` loads one, the clock is held. The clock cannot
 * see this by itself, because the loader's work has no trace in the event loop; so each `import(…)` of the code under
 * check is wrapped. Runs after TypeScript is gone, and keeps every line where it is.
 */
export function heldImports(): Plugin {
  return {
    name: 'workbook:held-imports',
    transform(code, id) {
      if (!/\bimport\s*\(/.test(code) || isMachinery(id)) return null;
      const spans = dynamicImports(this.parse(code));
      if (spans.length === 0) return null;
      return { code: wrapped(code, spans) + HOLD, map: null };
    },
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** Imports are hoisted, so at the end it works as at the beginning and moves no line. */
const HOLD = `
import { holdRunningClock as __holdRunningClock } from ${JSON.stringify(CLOCK)};
function __held(loading) {
  const release = __holdRunningClock();
  loading.then(release, release);
  return loading;
}
`;

interface Span {
  start: number;
  end: number;
}

function isMachinery(id: string): boolean {
  return id.includes('/node_modules/') || MACHINERY.some((folder) => slashes(id).startsWith(folder));
}

/** Every `import(…)` below a node of the syntax tree. */
function dynamicImports(node: unknown): Span[] {
  if (typeof node !== 'object' || node === null) return [];
  const inner = Object.values(node).flatMap(dynamicImports);
  return (node as { type?: string }).type === 'ImportExpression' ? [node as Span, ...inner] : inner;
}

/** Edits from the end, so that the positions before stay true. */
function wrapped(code: string, spans: readonly Span[]): string {
  const edits = spans.flatMap(({ start, end }) => [
    { at: start, text: '__held(' },
    { at: end, text: ')' },
  ]);
  edits.sort((a, b) => b.at - a.at);
  return edits.reduce((text, { at, text: added }) => text.slice(0, at) + added + text.slice(at), code);
}

export function slashes(path: string): string {
  return path.replaceAll('\\', '/');
}
