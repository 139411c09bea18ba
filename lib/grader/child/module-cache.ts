import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hashTexts } from '../../workbook/files.ts';

/**
 * Where compiled files of the machinery are kept: a folder for each set of installed packages. vitest empties its cache
 * when the packages have changed; with one folder for all, graders that start at the same moment empty it under each
 * other's hands, and one of them fails with ENOTEMPTY.
 */
export function moduleCacheDir(cacheDir: string, home: string): string {
  const installed = join(home, 'node_modules', '.package-lock.json');
  const name = `modules-${hashTexts([existsSync(installed) ? readFileSync(installed, 'utf8') : ''])}`;
  const dir = join(cacheDir, name);
  if (!existsSync(dir)) {
    mkdirSync(dir, { recursive: true });
    removeOthers(cacheDir, name);
  }
  return dir;
}

/** What was compiled for packages that are gone. */
function removeOthers(cacheDir: string, name: string): void {
  for (const other of readdirSync(cacheDir)) {
    if (!other.startsWith('modules') || other === name) continue;
    try {
      rmSync(join(cacheDir, other), { recursive: true, force: true });
    } catch {
      // Another grader is removing it too, or still uses it; then it goes next time.
    }
  }
}
