import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

/** The commands. A file is loaded when its command is used: loading them all takes longer than most of them do. */
export const commands = {
  get benchmark() {
    return (load('./commands/benchmark.ts') as typeof import('./commands/benchmark.ts')).benchmark;
  },
  get check() {
    return (load('./commands/check.ts') as typeof import('./commands/check.ts')).check;
  },
  get compare() {
    return (load('./commands/compare.ts') as typeof import('./commands/compare.ts')).compare;
  },
  get dashboard() {
    return (load('./commands/dashboard.ts') as typeof import('./commands/dashboard.ts')).dashboard;
  },
  get doctor() {
    return (load('./commands/doctor.ts') as typeof import('./commands/doctor.ts')).doctor;
  },
  get grade() {
    return (load('./commands/grade.ts') as typeof import('./commands/grade.ts')).grade;
  },
  get hint() {
    return (load('./commands/hint.ts') as typeof import('./commands/hint.ts')).hint;
  },
  get list() {
    return (load('./commands/list.ts') as typeof import('./commands/list.ts')).list;
  },
  get menu() {
    return (load('./commands/menu.ts') as typeof import('./commands/menu.ts')).menu;
  },
  get open() {
    return (load('./commands/open.ts') as typeof import('./commands/open.ts')).open;
  },
  get quiz() {
    return (load('./commands/quiz.ts') as typeof import('./commands/quiz.ts')).quiz;
  },
  get report() {
    return (load('./commands/report.ts') as typeof import('./commands/report.ts')).report;
  },
  get reset() {
    return (load('./commands/reset.ts') as typeof import('./commands/reset.ts')).reset;
  },
  get run() {
    return (load('./commands/run.ts') as typeof import('./commands/run.ts')).run;
  },
  get solution() {
    return (load('./commands/solution.ts') as typeof import('./commands/solution.ts')).solution;
  },
  get update() {
    return (load('./commands/update.ts') as typeof import('./commands/update.ts')).update;
  },
  get watch() {
    return (load('./commands/watch.ts') as typeof import('./commands/watch.ts')).watch;
  },
};
