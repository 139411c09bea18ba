/** What a check may need besides virtual time: sockets on this machine, or the Python that is installed on it. */
export type Permit = 'loopback' | 'python';

const open = new Map<Permit, number>();

/**
 * Runs `body` with one of the grader's refusals lifted: `loopback` lets sockets connect and listen on this machine,
 * `python` lets a Python interpreter be started and talk to such a socket. Never inside a `play`: real I/O has no
 * place in virtual time. Outside of the grader nothing is refused, so this only calls `body`.
 */
export async function permit<T>(what: Permit, body: () => Promise<T>): Promise<T> {
  open.set(what, (open.get(what) ?? 0) + 1);
  try {
    return await body();
  } finally {
    open.set(what, (open.get(what) ?? 1) - 1);
  }
}

/** True while a check has asked for it. Whoever may start Python may use loopback too. */
export function permitted(what: Permit): boolean {
  return (open.get(what) ?? 0) > 0 || (what === 'loopback' && permitted('python'));
}
