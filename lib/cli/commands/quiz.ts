import { createRequire } from 'node:module';
import { wrap } from '../../report/text.ts';
import { updateProgress } from '../../workbook/progress.ts';
import { type Question, type Quiz, quizProblems } from '../../workbook/quiz.ts';
import type { Day } from '../../workbook/workbook.ts';
import { choose, restoreTerminal } from '../ask.ts';
import { type Context, type ExitCode, say } from '../context.ts';
import { complain } from '../course.ts';

/** Asks a day's questions, says after each why, and keeps the score. */
export async function quiz(context: Context, day: Day): Promise<ExitCode> {
  if (!day.quizFile) return complain(context, `${day.id} has no quiz.`);
  if (!context.stdin.isTTY || !context.stdout.isTTY) {
    return complain(
      context,
      `The quiz needs a terminal, and this is not one. Its questions are in ${day.quizFile}.`,
    );
  }
  const questions = loadQuiz(day.quizFile);
  const [problem] = quizProblems(questions);
  if (problem) return complain(context, `${day.quizFile} cannot be used: ${problem}`);
  context.onStop(() => restoreTerminal(context));
  let right = 0;
  for (const [at, question] of questions.entries()) {
    const answer = await ask(context, question, `${at + 1} of ${questions.length}`);
    if (answer === 'interrupted') return 130;
    if (answer === 'back') {
      say(context, 'The quiz was left; no score is kept.');
      return 0;
    }
    if (answer === 'right') right += 1;
  }
  const of = questions.length;
  updateProgress(context.root, (progress) => {
    progress.quizzes[day.slug] = { right, of, at: new Date().toISOString() };
  });
  say(context, context.style.paint('bold', `${right} of ${of} right.`));
  return 0;
}

// --- helpers -----------------------------------------------------------------------------------------------------

/** The file is the course's own, so it may run in this process. */
function loadQuiz(file: string): Quiz {
  const { quiz } = createRequire(import.meta.url)(file) as { quiz: Quiz };
  return quiz;
}

async function ask(
  context: Context,
  { question, options }: Question,
  place: string,
): Promise<'right' | 'wrong' | 'back' | 'interrupted'> {
  const { style } = context;
  say(context, `\n${style.paint('dim', place)}\n${style.paint('bold', wrap(question, style.width))}`);
  const answer = await choose(
    context,
    'Your answer',
    options.map((option) => ({ label: option.text, value: option })),
  );
  if (answer.kind !== 'chosen') return answer.kind;
  const chosen = answer.value;
  const best = options.find((option) => option.right);
  say(context, style.paint(chosen.right ? 'green' : 'red', chosen.right ? 'Right.' : 'Not right.'));
  say(context, wrap(chosen.why, style.width, '  '));
  if (!chosen.right && best) say(context, wrap(`The answer: ${best.text}. ${best.why}`, style.width, '  '));
  return chosen.right ? 'right' : 'wrong';
}
