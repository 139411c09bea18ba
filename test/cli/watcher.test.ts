import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, test } from 'vitest';
import { watchFiles } from '../../lib/cli/watch/watcher.ts';
import { makeWorkbook } from '../fixtures/workbook.ts';

const fixture = makeWorkbook();
afterAll(() => fixture.remove());

/** Starts watching and gives promises of the next change and of the fall back to polling. */
function watching(dir: string, file: string) {
  const changed = deferred();
  const polling = deferred();
  const watcher = watchFiles(dir, [file], { onChange: changed.resolve, onPolling: polling.resolve });
  return { changed: changed.promise, polling: polling.promise, watcher };
}

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

test('a save is reported, also when the editor replaces the file', async () => {
  const dir = join(fixture.root, 'days/day1-basics/1-add');
  const { changed, watcher } = watching(dir, join(dir, 'add.ts'));
  rmSync(join(dir, 'add.ts'));
  fixture.write('days/day1-basics/1-add/add.ts', '// saved\n');
  await changed;
  watcher.stop();
});

test('where the system does not report changes, they are looked for, and that is said', async () => {
  const missing = join(fixture.root, 'not-there-yet');
  const { changed, polling, watcher } = watching(missing, join(missing, 'add.ts'));
  await polling;
  fixture.write('not-there-yet/add.ts', '// saved\n');
  await changed;
  watcher.stop();
});
