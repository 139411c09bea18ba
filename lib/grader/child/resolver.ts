import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Vite } from 'vitest/node';
import type { Machinery } from './machinery.ts';

/** What `#days/…` means in the run at hand. */
export interface Imports {
  current: Record<string, string>;
}

/**
 * Puts the subject under check in the place of every `#days/…` import, and compiled files in the place of the clock and
 * the provider. Gives `#lib/…` and packages to files that
 * lie outside of this package (a path given by hand, a workbook elsewhere) as if they lay inside.
 */
export function subjectResolver(
  home: string,
  imports: Imports,
  machinery: Machinery | undefined,
): Vite.Plugin {
  const inside = join(home, 'package.json');
  return {
    name: 'workbook-subject',
    enforce: 'pre',
    configureVitest({ experimental_defineCacheKeyGenerator }) {
      // Compiled files hold what their imports resolved to. A check's mean another file for every subject, so only
      // the machinery itself is kept between runs, for each version of the compiled files that it imports.
      experimental_defineCacheKeyGenerator(({ id }) =>
        isBelow(join(home, 'lib'), id) ? machinery?.version : false,
      );
    },
    async resolveId(source, importer, options) {
      if (source.startsWith('#days/')) return imports.current[source] ?? null;
      const compiled = machinery?.resolve(source, importer);
      if (compiled !== undefined) return { id: compiled, external: true };
      const bare = !source.startsWith('.') && !isAbsolute(source) && !source.startsWith('node:');
      if (!bare || source.startsWith('\0') || importer === undefined || isInside(home, importer)) return null;
      return this.resolve(source, inside, { ...options, skipSelf: true });
    },
  };
}

function isInside(home: string, importer: string): boolean {
  const file = importer.split('?')[0] ?? importer;
  return !existsSync(file) || isBelow(home, file);
}

function isBelow(folder: string, file: string): boolean {
  return file.replaceAll('\\', '/').startsWith(`${folder.replaceAll('\\', '/')}/`);
}
