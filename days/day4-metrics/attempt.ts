/** What a part of a contract gave: its value, or the error that came instead, so that the other parts can go on. */
export type Tried<T> = { value: T } | { error: string };

export function attempt<T>(run: () => T): Tried<T> {
  try {
    return { value: run() };
  } catch (error) {
    return { error: String(error) };
  }
}

export async function attemptAsync<T>(run: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { value: await run() };
  } catch (error) {
    return { error: String(error) };
  }
}
