import { isAbsolute, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Vitest } from 'vitest/node';
import { slashes } from '../held-imports.ts';
import { MACHINERY_SCHEME } from '../launch.ts';
import type { Fetch } from './answer-process.ts';
import type { Machinery } from './machinery.ts';
import { ANSWER } from './resolver.ts';

/** Gives the process of the answer its modules: files as vite compiles them, packages by their address. */
export function answerModules(vitest: Vitest, home: string, machinery: Machinery): Fetch {
  const environment = vitest.vite.environments.ssr as NonNullable<typeof vitest.vite.environments.ssr>;
  return async (graph, payload) => {
    const { name, data } = (payload as { data: { name: string; data: [string, string?, object?] } }).data;
    if (name === 'getBuiltins') return { result: environment.config.resolve.builtins.map(builtin) };
    try {
      return { result: await module(...data) };
    } catch (error) {
      const { name: kind, message, stack } = error as Error;
      return { error: { name: kind, message, stack } };
    }

    async function module(wanted: string, importer?: string, options?: object) {
      const url = wanted.startsWith('file://')
        ? slashes(fileURLToPath(wanted))
        : wanted.replace(/^\/@fs(?=\/)|^\/@id\/(?!__x00__)/, '');
      if (url.startsWith(MACHINERY_SCHEME)) return { externalize: url, type: 'module' };
      const file = url.startsWith('/node_modules/') ? join(home, url) : url;
      const source = machinery.sourceOf(file);
      if (source !== undefined && graph === 'course')
        return { externalize: `${MACHINERY_SCHEME}${source}`, type: 'module' };
      if (file.includes('/node_modules/'))
        return { externalize: isAbsolute(file) ? pathToFileURL(file).href : file, type: 'module' };
      const isFile = graph === 'answer' && (url.startsWith('/') || isAbsolute(url)) && !url.endsWith(ANSWER);
      return environment.fetchModule(isFile ? `${url.replace(/\?.*$/, '')}${ANSWER}` : url, importer, {
        ...options,
        cached: false,
      });
    }
  };
}

function builtin(each: string | RegExp): object {
  return typeof each === 'string'
    ? { type: 'string', value: each }
    : { type: 'RegExp', source: each.source, flags: each.flags };
}
