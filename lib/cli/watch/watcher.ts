import { type FSWatcher, statSync, watch } from 'node:fs';

export interface Watcher {
  stop(): void;
}

export interface WatcherEvents {
  /** One of the files was written, replaced, removed or came back. Reported once for a burst of changes. */
  onChange(): void;
  /** The system does not report changes here (a network drive, some containers); they are looked for instead. */
  onPolling(): void;
}

/** An editor's save is several events; they are one change when they come within this time. */
const DEBOUNCE_MS = 100;
const POLL_MS = 1000;

/**
 * Watches files in a folder. The folder is watched, not the files, because editors replace files. Once a second the
 * files are looked at as well: a change that was found so and not reported means that reports cannot be relied on.
 */
export function watchFiles(dir: string, files: readonly string[], events: WatcherEvents): Watcher {
  let seen = look(files);
  let polling = false;
  let burst: NodeJS.Timeout | undefined;
  let system: FSWatcher | undefined;

  const changed = () => {
    seen = look(files);
    clearTimeout(burst);
    burst = setTimeout(events.onChange, DEBOUNCE_MS);
  };
  const fallBack = () => {
    system?.close();
    system = undefined;
    if (polling) return;
    polling = true;
    events.onPolling();
  };
  try {
    system = watch(dir, () => {
      if (look(files) !== seen) changed();
    });
    system.on('error', fallBack);
  } catch {
    fallBack();
  }
  const timer = setInterval(() => {
    if (look(files) === seen) return;
    changed();
    fallBack();
  }, POLL_MS);

  return {
    stop() {
      clearTimeout(burst);
      clearInterval(timer);
      system?.close();
    },
  };
}

/** What can be seen of the files without reading them. A file that is gone looks different from one that is there. */
function look(files: readonly string[]): string {
  return files
    .map((file) => statSync(file, { throwIfNoEntry: false }))
    .map((stat) => (stat ? `${stat.mtimeMs}:${stat.size}:${stat.ino}` : 'gone'))
    .join(' ');
}
