/** Takes secrets out of texts: whatever is stored or printed of an answer passes it. */
export type SecretsFilter = <T>(value: T) => T;

/** Knows the values of the environment's secret-looking variables, and what keys look like. */
export function secretsFilter(env: NodeJS.ProcessEnv): SecretsFilter {
  const values = Object.entries(env)
    .flatMap(([name, value]) => (SECRET_NAME.test(name) && value && value.length >= SHORTEST ? [value] : []))
    .sort((a, b) => b.length - a.length);
  const clean = (text: string) =>
    values.reduce((rest, value) => rest.replaceAll(value, HIDDEN), text).replaceAll(KEY, HIDDEN);
  return function filter<T>(value: T): T {
    if (typeof value === 'string') return clean(value) as T;
    if (Array.isArray(value)) return value.map(filter) as T;
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [clean(name), filter(each)])) as T;
  };
}

/** Filters what comes in pieces: the end of a piece that may be half a secret is passed on with the next one. */
export function filteredPieces(filter: SecretsFilter, pass: (text: string) => void) {
  let held = '';
  return {
    write(piece: string): void {
      const text = held + piece;
      const word = Math.max(text.lastIndexOf(' '), text.lastIndexOf('\n')) + 1;
      const cut = text.length - word > LONGEST ? text.length : word;
      held = text.slice(cut);
      if (cut > 0) pass(filter(text.slice(0, cut)));
    },
    end(): void {
      if (held !== '') pass(filter(held));
      held = '';
    },
  };
}

// --- helpers -----------------------------------------------------------------------------------------------------

const HIDDEN = '(a secret)';
const SHORTEST = 8;
/** What has no white space for longer than this is no key. */
const LONGEST = 4096;
const SECRET_NAME = /key|token|secret|passw|credential|auth|cookie|session_id|connection_?string|dsn/i;

/** Keys of OpenAI and Anthropic, GitHub, npm, Slack, Google, AWS; signed tokens; private keys. */
const KEY = new RegExp(
  [
    'sk-[A-Za-z0-9_-]{16,}',
    'gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}',
    'npm_[A-Za-z0-9]{30,}',
    'xox[abprs]-[A-Za-z0-9-]{10,}',
    'AIza[A-Za-z0-9_-]{30,}',
    '(?:AKIA|ASIA)[A-Z0-9]{16}',
    'eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{10,}',
    '-----BEGIN [A-Z ]*PRIVATE KEY-----[\\s\\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)',
  ].join('|'),
  'g',
);
