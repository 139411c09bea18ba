import { ESModulesEvaluator, ModuleRunner } from 'vite/module-runner';
import { MACHINERY_SCHEME } from '../launch.ts';
import type { Tell } from './channel.ts';

/** Files of the course, and the answer with what it imports: each has modules of its own. */
export type Graph = 'course' | 'answer';

/** The machinery's own modules by path below `lib`: in this one bundle, where no import of the answer's finds them. */
export type BundledModules = Readonly<Record<string, object>>;

/** Counts requests over all graphs. */
let count = 0;

export interface Modules {
  import(id: string): Promise<Record<string, unknown>>;
  /** Hands over what the grader answered to a request for a module. */
  deliver(fetch: number, reply: unknown): void;
  /** Paths of the machinery's modules that were asked for so far. */
  readonly used: ReadonlySet<string>;
}

/** Loads files as vite has compiled them; they come from the grader. */
export function openModules(graph: Graph, machinery: BundledModules, tell: Tell): Modules {
  const waiting = new Map<number, (reply: unknown) => void>();
  const used = new Set<string>();
  class Evaluator extends ESModulesEvaluator {
    override runExternalModule(url: string): Promise<unknown> {
      if (!url.startsWith(MACHINERY_SCHEME)) return super.runExternalModule(url);
      const path = url.slice(MACHINERY_SCHEME.length);
      used.add(path);
      return Promise.resolve(machinery[path]);
    }
  }
  const invoke = (data: unknown) =>
    new Promise<never>((resolve) => {
      count += 1;
      waiting.set(count, resolve as never);
      tell({ fetch: count, graph, data });
    });
  const runner = new ModuleRunner(
    { hmr: false, sourcemapInterceptor: 'prepareStackTrace', transport: { invoke } },
    new Evaluator(),
  );
  return {
    used,
    import: (id) => runner.import(id),
    deliver(fetch, reply) {
      waiting.get(fetch)?.(reply);
      waiting.delete(fetch);
    },
  };
}
