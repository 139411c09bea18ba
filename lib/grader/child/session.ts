import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { PoolRunnerInitializer, Vitest } from 'vitest/node';
import { PRESERVE_SYMLINKS } from '../../workbook/home.ts';
import { heldImports } from '../held-imports.ts';
import type { ChildEvent, GradeRequest } from '../protocol.ts';
import { endedCheck, loadErrors, thrownError } from './ended.ts';
import { openMachinery } from './machinery.ts';
import { moduleCacheDir } from './module-cache.ts';
import { type Imports, subjectResolver } from './resolver.ts';
import { warmThreads } from './warm-threads.ts';

/** vitest held open: it grades one request after the other, each with fresh modules. */
export interface GradingSession {
  grade(request: GradeRequest): Promise<ChildEvent>;
  /** Gets ready for the next request. Not part of `grade`: nobody who waits for a verdict waits for this. */
  warmUp(): void;
}

export interface Places {
  /** The package whose `lib` does the grading. */
  home: string;
  /** The workbook whose checks are run. */
  root: string;
  /** Where compiled files are kept. */
  cacheDir: string;
}

/** Starts vitest. */
export async function openSession(places: Places): Promise<GradingSession> {
  const imports: Imports = { current: {} };
  // The first thread loads what it needs while vitest starts.
  const machinery = await openMachinery(places.home);
  const { pool, warmUp } = warmThreads(machinery?.preload ?? []);
  const { createVitest } = await import('vitest/node');
  const vitest = await createVitest('test', options(places, pool), {
    cacheDir: join(places.cacheDir, 'vite'),
    plugins: [subjectResolver(places.home, imports, machinery), heldImports()],
    logLevel: 'silent',
    resolve: { preserveSymlinks: PRESERVE_SYMLINKS },
    server: { watch: null },
  });
  await vitest.standalone();
  const seen = new Map<string, number>();
  return {
    async grade(request) {
      imports.current = request.imports;
      forgetChanged(vitest, seen, request.checkFile, join(places.home, 'lib'));
      return run(vitest, request);
    },
    warmUp,
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

type Options = Parameters<typeof import('vitest/node').createVitest>[1];

function options({ home, root, cacheDir }: Places, pool: PoolRunnerInitializer): Options {
  return {
    root,
    config: false,
    watch: false,
    include: ['days/*/*/check.test.ts'],
    // The code under check runs in a worker thread, so that this thread stays free to watch over it.
    pool,
    maxWorkers: 1,
    fileParallelism: false,
    setupFiles: [join(home, 'lib', 'grader', 'worker', 'guard.ts')],
    // The parent process owns the clock on the wall: it can end an endless loop, which vitest cannot.
    testTimeout: 0,
    hookTimeout: 0,
    disableConsoleIntercept: true,
    passWithNoTests: true,
    reporters: [{}],
    api: false,
    // Compiled files are kept between runs: this halves a cold start.
    experimental: { fsModuleCache: true, fsModuleCachePath: moduleCacheDir(cacheDir, home) },
  } as Options;
}

async function run(vitest: Vitest, request: GradeRequest): Promise<ChildEvent> {
  const project = vitest.getRootProject();
  project.provide('seed', request.seed);
  const [before] = request.beforeFiles;
  project.provide('before', request.measureBefore && before ? { [request.checkFile]: before } : {});
  const specification = project.createSpecification(request.checkFile);
  const { testModules: all, unhandledErrors } = await vitest.runTestSpecifications([specification]);
  // vitest answers with the modules of earlier runs too.
  const testModules = all.filter(({ moduleId }) => moduleId === specification.moduleId);
  const checks = testModules.flatMap((module) => [...module.children.allTests()]);
  return {
    event: 'done',
    checks: checks.map((test) => endedCheck(test, request.subjectFiles)),
    loadErrors: testModules.flatMap((module) => loadErrors(module, request.subjectFiles)),
    unhandled: unhandledErrors.map((error) => thrownError(error, request.subjectFiles)),
  };
}

/** Drops vite's transform of every file that changed, and of the check, whose imports mean something else each time. */
function forgetChanged(vitest: Vitest, seen: Map<string, number>, checkFile: string, lib: string): void {
  vitest.invalidateFile(checkFile);
  for (const environment of Object.values(vitest.vite.environments)) {
    for (const module of environment.moduleGraph.idToModuleMap.values()) {
      if (!module.file) continue;
      const changedAt = statSync(module.file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      const known = seen.get(module.file);
      // Forgetting a file of the machinery deletes it from the cache on disk, which other children read.
      const isNewMachinery = known === undefined && module.file.startsWith(lib.replaceAll('\\', '/'));
      if (known !== changedAt && !isNewMachinery) vitest.invalidateFile(module.file);
      seen.set(module.file, changedAt);
    }
  }
}
