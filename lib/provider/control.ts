import type { Core } from './core.ts';
import { openAiErrors } from './errors.ts';
import type { Fault } from './faults.ts';
import type { Provider } from './provider.ts';
import { readScript } from './script.ts';
import { openAi } from './vendors.ts';
import { jsonAnswer, type WireAnswer, type WireRequest } from './wire.ts';

/** Where the control door stands for every other door; behind a port it is `/control/`. */
export const CONTROL_URL = 'https://control.workbook.test/';

export interface ControlOptions {
  /** A new provider that plays by these rules. */
  make(faults: readonly Fault[]): Provider;
  /** What callers of the control door must show as `x-control-key`. */
  key: string;
  /** The rules that each session begins with. */
  faults: readonly Fault[];
  /** Each keeps its ledger until it is reset. Default: 1000. */
  mostSessions?: number;
}

/** Providers for tests that run side by side, and the door by which a test reads and scripts its own. */
export interface Control {
  answer: Core;
  /** The rules that new sessions begin with; those that are there take them over. */
  setFaults(faults: readonly Fault[]): void;
}

/**
 * One provider for each session, by the header `x-session-id`; without it all share one. `GET ledger` gives the session's
 * calls and totals, `PUT script` its rules, `POST reset` makes the session new.
 */
export function createControl({ make, key, faults: first, mostSessions = 1000 }: ControlOptions): Control {
  const sessions = new Map<string, Provider>();
  let faults = first;

  return {
    answer(request) {
      if (request.url.startsWith(CONTROL_URL)) return Promise.resolve(control(request));
      const provider = sessionOf(request);
      return provider ? provider.answer(request) : Promise.resolve(problem(503, TOO_MANY));
    },
    setFaults(next) {
      for (const provider of sessions.values()) provider.setFaults(next);
      faults = next;
    },
  };

  function sessionOf({ headers }: WireRequest): Provider | undefined {
    const id = headers['x-session-id'] ?? '';
    const known = sessions.get(id);
    if (known || sessions.size >= mostSessions) return known;
    const provider = make(faults);
    sessions.set(id, provider);
    return provider;
  }

  function control(request: WireRequest): WireAnswer {
    const { method, url, headers, text } = request;
    if (headers['x-control-key'] !== key)
      return problem(401, 'The header x-control-key must hold the key that --control was given.');
    const asked = `${method} ${url.slice(CONTROL_URL.length).replace(/[/?].*$/, '')}`;
    if (asked === 'POST reset') {
      sessions.delete(headers['x-session-id'] ?? '');
      return jsonAnswer({ reset: true });
    }
    const provider = sessionOf(request);
    if (!provider) return problem(503, TOO_MANY);
    if (asked === 'GET ledger') {
      const { calls } = provider.ledger;
      return jsonAnswer({ totals: provider.ledger.totals(), calls });
    }
    if (asked !== 'PUT script') return problem(404, `There is no "${asked}" here. ${ROUTES}`);
    const read = readScript(text);
    const wrong = 'problem' in read ? read.problem : refused(() => provider.setFaults(read.faults));
    return wrong === undefined
      ? jsonAnswer({ rules: 'faults' in read ? read.faults.length : 0 })
      : problem(400, wrong);
  }
}

const TOO_MANY = 'Too many sessions are open. End those that are done with POST /control/reset.';
const ROUTES = 'GET /control/ledger, PUT /control/script and POST /control/reset are.';

function problem(status: number, message: string): WireAnswer {
  return jsonAnswer(openAi.errorBody(openAiErrors.badRequest(message, null)), {}, status);
}

function refused(set: () => void): string | undefined {
  try {
    set();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
