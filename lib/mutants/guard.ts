import { childrenOf, type Node, treeOf } from './mutate.ts';

/** CPU time that a changed program may use before it counts as one that never ends. Labs need a tenth of it. */
const LIMIT_MS = 4000;

/**
 * The program with a look at its CPU time in each loop and function, so that a change that never ends throws: it can then
 * be graded in a process that others share. `patience` is how many times the usual it may take.
 */
export function guarded(program: string, patience = 1): string {
  const tree = treeOf(program);
  if (!tree) return program;
  const places: { at: number; text: string }[] = [];
  walk(tree, ({ type, body }) => {
    if (!body || Array.isArray(body) || !/^(For|While|DoWhile)|Function|ObjectMethod|ClassMethod/.test(type))
      return;
    if (body.type === 'BlockStatement') {
      const [first] = body.directives ?? [];
      places.push({ at: first ? first.end : body.start + 1, text: ' guardTurn();' });
    } else if (/Statement$/.test(type)) {
      places.push({ at: body.start, text: '{ guardTurn(); ' }, { at: body.end, text: ' }' });
    }
  });
  places.sort((a, b) => b.at - a.at);
  const text = places.reduce((sum, { at, text }) => sum.slice(0, at) + text + sum.slice(at), program);
  return `${text}\n${GUARD.replace('LIMIT', String(LIMIT_MS * patience))}`;
}

const GUARD = `
var guardTurns = 0, guardFromMs: number | undefined;
var guardIsOver = false;
function guardTurn() {
  // Once over always over: a loop may catch what it calls.
  if (++guardTurns % 10_000 !== 0 && !guardIsOver) return;
  const { user, system } = process.cpuUsage();
  const nowMs = (user + system) / 1000;
  guardFromMs ??= nowMs;
  guardIsOver = nowMs - guardFromMs > LIMIT;
  if (guardIsOver) throw new Error('It never ends.');
}
`;

function walk(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const child of childrenOf(node)) walk(child, visit);
}
