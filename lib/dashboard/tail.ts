import { statSync } from 'node:fs';
import { type ReadRuns, type RunRecord, readRuns, runsPath } from '../workbook/runs.ts';

/** The records on disk, kept up to date. */
export interface Tail {
  records(): readonly RunRecord[];
  /** Calls back with the records that came since the last time. The answer ends it. */
  subscribe(onRecords: (records: readonly RunRecord[]) => void): () => void;
  stop(): void;
}

/**
 * Looks at the file a few times a second: watching is not told of changes on every file system. It is read whole when
 * it changed, because its older half may have been dropped.
 */
export function followRuns(root: string, onNotice: (notice: string) => void, everyMs = 250): Tail {
  const readers = new Set<(records: readonly RunRecord[]) => void>();
  let stamp = stampOf(root);
  let records = read();
  const timer = setInterval(look, everyMs);
  return {
    records() {
      look();
      return records;
    },
    subscribe(onRecords) {
      readers.add(onRecords);
      return () => readers.delete(onRecords);
    },
    stop: () => clearInterval(timer),
  };

  function look(): void {
    const now = stampOf(root);
    if (now === stamp) return;
    stamp = now;
    const known = new Set(records.map(({ id }) => id));
    records = read();
    const fresh = records.filter(({ id }) => !known.has(id));
    if (fresh.length > 0) for (const tell of readers) tell(fresh);
  }

  function read(): readonly RunRecord[] {
    const { records, notice }: ReadRuns = readRuns(root);
    if (notice) onNotice(notice);
    return records;
  }
}

function stampOf(root: string): string {
  const stat = statSync(runsPath(root), { throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : '';
}
