import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { PoolRunnerInitializer, Vitest } from 'vitest/node';
import { PRESERVE_SYMLINKS } from '../../workbook/home.ts';
import { type Packed, unpack } from '../answer/pack.ts';
import { heldImports } from '../held-imports.ts';
import { PROGRAM } from '../launch.ts';
import type { ChildEvent, GradeRequest, WorkerEvent } from '../protocol.ts';
import { answerModules } from './answer-modules.ts';
import { startAnswer } from './answer-process.ts';
import { endedCheck, loadErrors, thrownError } from './ended.ts';
import { openMachinery } from './machinery.ts';
import { moduleCacheDir } from './module-cache.ts';
import { ANSWER, COURSE, type Imports, stubOf, subjectResolver } from './resolver.ts';
import { type Pair, pairs } from './threads.ts';

/** vitest held open: it grades one request after the other, each with fresh modules. */
export interface GradingSession {
  grade(request: GradeRequest, names: readonly (readonly string[])[]): Promise<ChildEvent>;
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
  /** The command that starts the process of an answer; `PROGRAM` stands for its program. */
  launch: readonly string[];
  answerEnv: NodeJS.ProcessEnv;
}

/** Starts vitest. `tell` hears what goes on while it grades. */
export async function openSession(
  places: Places,
  tell: (event: ChildEvent) => void,
): Promise<GradingSession> {
  const imports: Imports = { current: {}, subjects: [], run: 0 };
  const machinery = await openMachinery(places.home, places.cacheDir);
  let title = '';
  const onReport = (event: WorkerEvent) => {
    title = event.title;
    running?.answer.ask({ do: 'running', title });
    tell(event);
  };
  let running: Pair | undefined;
  // The first pair loads what it needs while vitest starts.
  const command = places.launch.map((word) => (word === PROGRAM ? machinery.answer : word));
  const start = () => startAnswer(command, places.answerEnv, places.root);
  const { pool, warmUp, next } = pairs(machinery.preload, start, onReport);
  const { createVitest } = await import('vitest/node');
  const vitest = await createVitest('test', options(places, pool), {
    cacheDir: join(places.cacheDir, 'vite'),
    plugins: [subjectResolver(places.home, imports, machinery), heldImports()],
    logLevel: 'silent',
    resolve: { preserveSymlinks: PRESERVE_SYMLINKS },
    server: { watch: null },
  });
  await vitest.standalone();
  const fetch = answerModules(vitest, places.home, machinery);
  const seen = new Map<string, number>();
  return {
    async grade(request, names) {
      imports.current = request.imports;
      imports.subjects = request.subjectFiles.map((file, i) => ({
        ...{ file, text: request.subjectTexts[i] ?? '', names: names[i] ?? [] },
      }));
      imports.solution = request.solution;
      imports.run += 1;
      title = '';
      forgetChanged(vitest, seen, request.checkFile, join(places.home, 'lib'));
      const uncaught: unknown[] = [];
      const pair = next();
      running = pair;
      tell({ event: 'answering', pid: pair.answer.pid });
      pair.answer.serve(fetch, (heard) => {
        if ('output' in heard) tell({ event: 'output', title, text: heard.output, cut: heard.cut });
        else if ('incident' in heard) tell({ event: 'incident', incident: heard.incident });
        else if ('uncaught' in heard) uncaught.push(unpack(heard.uncaught as Packed));
        else if ('settled' in heard) pair.settle(heard);
        else tell({ event: 'ended', why: heard.ended });
      });
      pair.load({
        ...{ checkFile: `${request.checkFile}${COURSE}`, seed: request.seed },
        subjects: request.subjectFiles.map((file) => `${file}${ANSWER}`),
        stubs: request.subjectFiles.map((_, i) => stubOf(i, imports)),
      });
      return run(vitest, request, uncaught);
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

async function run(vitest: Vitest, request: GradeRequest, uncaught: readonly unknown[]): Promise<ChildEvent> {
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
    unhandled: [...unhandledErrors, ...uncaught].map((error) => thrownError(error, request.subjectFiles)),
  };
}

/** Drops vite's transform of every file that changed, and of the check, whose imports mean something else each time. */
function forgetChanged(vitest: Vitest, seen: Map<string, number>, checkFile: string, lib: string): void {
  vitest.invalidateFile(checkFile);
  for (const environment of Object.values(vitest.vite.environments)) {
    for (const module of environment.moduleGraph.idToModuleMap.values()) {
      if (!module.file || module.file.includes('\0')) continue;
      const changedAt = statSync(module.file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
      // What these import means something else for every answer.
      if (module.id?.endsWith(ANSWER) || module.id?.endsWith(COURSE))
        environment.moduleGraph.invalidateModule(module);
      const known = seen.get(module.file);
      // Forgetting a file of the machinery deletes it from the cache on disk, which other children read.
      const isNewMachinery = known === undefined && module.file.startsWith(lib.replaceAll('\\', '/'));
      if (known !== changedAt && !isNewMachinery) vitest.invalidateFile(module.file);
      seen.set(module.file, changedAt);
    }
  }
}
