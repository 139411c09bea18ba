import type { TestCase, TestModule } from 'vitest/node';
import type { EndedCheck, ThrownError } from '../protocol.ts';

/** The parts of vitest's serialised errors that we read. */
interface RawError {
  name?: string;
  message?: string;
  stack?: string;
  stacks?: readonly { file: string; line: number }[];
  cause?: RawError;
}

export function endedCheck(test: TestCase, subjectFiles: string[]): EndedCheck {
  const { state, errors } = test.result();
  const report = test.meta().check;
  const error = errors?.[0] && thrownError(errors[0], subjectFiles);
  return { title: test.name, state, report, error };
}

export function loadErrors(module: TestModule, subjectFiles: string[]): ThrownError[] {
  return module.errors().map((error) => thrownError(error, subjectFiles));
}

/** An error without the frames of the machinery: only the first line of the learner's own file is kept. */
export function thrownError(raw: unknown, subjectFiles: string[]): ThrownError {
  const { name = 'Error', message = String(raw) } = (raw ?? {}) as RawError;
  const frames = framesOf((raw ?? {}) as RawError);
  const frame = frames.find(({ file }) => subjectFiles.some((subject) => same(subject, file)));
  return { name, message, place: frame && { file: frame.file, line: frame.line } };
}

/** A check that fails because the code threw has the code's own error as its cause. */
function framesOf({ stacks = [], stack = '', cause }: RawError): { file: string; line: number }[] {
  const inner = typeof cause === 'object' && cause !== null ? framesOf(cause) : [];
  return [...stacks, ...framesIn(stack), ...inner];
}

function framesIn(stack: string): { file: string; line: number }[] {
  return [...stack.matchAll(/\(?(?:file:\/\/)?([^\s()]+):(\d+):\d+\)?$/gm)].map(([, file = '', line]) => ({
    file,
    line: Number(line),
  }));
}

function same(a: string, b: string): boolean {
  return a.replaceAll('\\', '/') === b.replaceAll('\\', '/');
}
