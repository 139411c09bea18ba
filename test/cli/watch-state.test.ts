import { expect, test } from 'vitest';
import { FIRST_STATE, step, type WatchEvent, type WatchState } from '../../lib/cli/watch/state.ts';
import { makeVerdict } from '../fixtures/verdict.ts';

const graded = (status: 'passed' | 'failed'): WatchEvent => ({
  type: 'graded',
  verdict: makeVerdict({ status }),
  tookMs: 300,
});
const key = (pressed: string): WatchEvent => ({ type: 'key', key: pressed });

function after(...events: WatchEvent[]): WatchState {
  return events.reduce((state, event) => step(state, event)[0], FIRST_STATE);
}

test('keys do nothing while a check runs, except Ctrl-C', () => {
  for (const pressed of ['n', 'h', 's', 'r', 'c', 'l', 'q'])
    expect(step(FIRST_STATE, key(pressed))[1]).toBeUndefined();
  expect(step(FIRST_STATE, key('ctrl-c'))[1]).toBe('interrupt');
});

test('n leads on only after a pass, and a pass never leads on by itself', () => {
  expect(step(FIRST_STATE, graded('passed'))[1]).toBeUndefined();
  expect(step(after(graded('passed')), key('n'))[1]).toBe('next');
  expect(step(after(graded('failed')), key('n'))[1]).toBeUndefined();
});

test('a save while a check runs is checked when that one has ended; its verdict is not shown', () => {
  const [state, effect] = step(after({ type: 'changed' }), graded('passed'));
  expect(effect).toBe('grade');
  expect(state).toMatchObject({ phase: 'checking', stale: false });
  expect(state.verdict).toBeUndefined();
});

test('a hint goes away at the next save', () => {
  const hinted = after(graded('failed'), { type: 'extra', text: 'Look at the loop.' });
  expect(hinted.extra).toBe('Look at the loop.');
  expect(step(hinted, { type: 'changed' })).toEqual([expect.objectContaining({ extra: undefined }), 'grade']);
});

test("the compiler's notes are added to the verdict they belong to", () => {
  const notes: WatchEvent = { type: 'notes', notes: ['Type error'] };
  expect(after(graded('failed'), notes).verdict?.notes).toEqual(['Type error']);
  expect(after(graded('failed'), { type: 'changed' }, notes).verdict?.notes).toEqual([]);
});

test('r runs the code, c checks it again', () => {
  expect(step(after(graded('failed')), key('r'))).toMatchObject([{ phase: 'running' }, 'run']);
  expect(step(after(graded('failed')), key('c'))).toMatchObject([{ phase: 'checking' }, 'grade']);
});

test('what a run has shown stays until a key brings the verdict back', () => {
  const ran = after(graded('failed'), key('r'), { type: 'ran' });
  expect(ran.phase).toBe('ran');
  expect(step(ran, key('x'))).toEqual([expect.objectContaining({ phase: 'idle' })]);
  expect(step(ran, key('q'))[1]).toBe('quit');
  expect(step(ran, { type: 'changed' })[1]).toBe('grade');
});

test('q and Esc stop a run and bring the verdict back; other keys leave it alone', () => {
  const running = after(graded('failed'), key('r'));
  expect(step(running, key('h'))).toEqual([running]);
  for (const pressed of ['q', 'escape']) expect(step(running, key(pressed))[1]).toBe('stop');
  expect(after(graded('failed'), key('r'), key('q'), { type: 'ran' }).phase).toBe('idle');
});

test('a save stops a run, and is checked when the run has ended', () => {
  const [running, effect] = step(after(graded('failed'), key('r')), { type: 'changed' });
  expect(effect).toBe('stop');
  expect(step(running, { type: 'ran' })).toMatchObject([{ phase: 'checking', stale: false }, 'grade']);
});
