import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The package whose `lib` does the grading. Where its folder has a name that no module can be loaded from, this is the
 * link that lib/cli/plain-path.cjs has made for it.
 */
export const HOME =
  process.env.WORKBOOK_HOME ?? dirname(fileURLToPath(new URL('../../package.json', import.meta.url)));

/** What vite needs to know then, to load each file under the link's name and not twice. */
export const PRESERVE_SYMLINKS = process.env.WORKBOOK_HOME !== undefined;
