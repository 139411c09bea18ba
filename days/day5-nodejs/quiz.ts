import type { Quiz } from '#lib/workbook/quiz.ts';

export const quiz: Quiz = [
  {
    question: "Node runs your JavaScript in one thread. Can two requests get into each other's way?",
    options: [
      {
        text: 'No: one thread, no races.',
        why: 'No two lines run at the same time, but requests take turns between lines.',
      },
      {
        text: 'Yes: at every await another request may run and change what both share.',
        right: true,
        why: 'A budget that is read, awaited and then written is overdrawn by ten calls at once, in one thread.',
      },
      {
        text: 'Only with worker threads.',
        why: 'Workers share nothing by default; your own module variables are the shared state.',
      },
    ],
  },
  {
    question: 'When does the call behind `const answer = ask(prompt)` begin?',
    options: [
      {
        text: 'When `answer` is awaited.',
        why: 'That is Python: a coroutine waits to be awaited. A promise does not.',
      },
      {
        text: 'At once, before the next line runs.',
        right: true,
        why: 'A promise is work under way. To begin later, keep the function and call it later.',
      },
      {
        text: 'At the next turn of the event loop.',
        why: 'Only its continuations wait for a turn; the function runs up to its first await at once.',
      },
    ],
  },
  {
    question:
      '`await Promise.race([ask(prompt), timeout(5000)])` rejects after five seconds. What becomes of the call?',
    options: [
      { text: 'It is cancelled.', why: 'race only stops waiting. It does not know how to stop anything.' },
      {
        text: 'It runs on, is written to its end and billed.',
        right: true,
        why: 'In lab 1 that is a long text that nobody reads. Give the call a signal and abort it.',
      },
      { text: 'It is retried by the SDK.', why: "Nothing failed from the SDK's point of view." },
    ],
  },
  {
    question: 'Is Node faster than Python for calling language models?',
    options: [
      {
        text: 'Yes, V8 compiles to machine code.',
        why: 'The compiler does not make the provider answer sooner.',
      },
      {
        text: 'Where the network decides there is no difference; where the CPU decides there often is.',
        right: true,
        why: '3.11 s and 3.07 s for the same night of incidents, of which no code can save more than a second.',
      },
      {
        text: 'No, asyncio is older and better tuned.',
        why: 'Both wait for the same sockets with the same system calls.',
      },
    ],
  },
  {
    question:
      'A tokenizer takes 200 ms for a long text. Does `async function count(text)` keep the server responsive?',
    options: [
      {
        text: 'Yes, async functions run in the background.',
        why: 'They run in the same thread, up to their first await.',
      },
      {
        text: 'No: for 200 ms the event loop stands still, for every user.',
        right: true,
        why: 'async changes who waits, not who computes. Cut it into pieces, move it to a worker thread, or do less.',
      },
      {
        text: 'Yes, if it is awaited.',
        why: 'Awaiting it makes the caller wait as well; the computing blocks all the same.',
      },
    ],
  },
  {
    question: 'Why use a generator instead of a list for 1 GB of text?',
    options: [
      { text: 'It makes the CPU faster.', why: 'The same work is done, in other portions.' },
      {
        text: 'It bounds memory: only what is needed now is loaded.',
        right: true,
        why: 'Seven lines instead of the whole file in lab 2, as long as nobody downstream collects them again.',
      },
      {
        text: 'The OpenAI API requires it.',
        why: 'The API takes a request at a time and knows nothing of your loops.',
      },
    ],
  },
  {
    question: 'Ten calls are in `Promise.all`, and the third one fails. What do the other nine do?',
    options: [
      { text: 'They are stopped.', why: 'That is a TaskGroup in Python. Promise.all has no such power.' },
      {
        text: 'They run on and are billed; their results are thrown away.',
        right: true,
        why: 'Promise.all rejects at once and stops nothing. An AbortController stops them.',
      },
      {
        text: 'They are waited for before it rejects.',
        why: 'That is allSettled. all rejects with the first rejection.',
      },
    ],
  },
  {
    question: 'What does "cumulative time" mean in the report of a profiler?',
    options: [
      { text: 'How many times the function was called.', why: 'That is ncalls.' },
      {
        text: 'The time spent in the function and in all functions it called.',
        right: true,
        why: 'So main is always near the top. What to mend is found by self time (tottime).',
      },
      { text: 'The time spent only inside the function.', why: 'That is self time, tottime in cProfile.' },
    ],
  },
  {
    question: 'What happens if you run 1,000 tasks behind a semaphore of 5?',
    options: [
      { text: 'Only 5 of them will ever run.', why: 'Each that ends gives its place to the next.' },
      {
        text: 'Five run at a time; as each ends another begins, until all 1,000 are done.',
        right: true,
        why: 'It limits how many at once, not how many a minute: fast calls can still exceed a rate limit.',
      },
      {
        text: 'The program crashes.',
        why: 'The others wait in line, which costs a little memory and nothing else.',
      },
    ],
  },
  {
    question:
      'Round robin over three deployments. One of them answers 429 and asks for 30 s. What is it sent in that time?',
    options: [
      {
        text: 'Nothing: 429 takes it out of the rotation.',
        why: 'Taking turns looks at nothing but whose turn it is.',
      },
      {
        text: 'A third of all requests.',
        right: true,
        why: 'Fair in numbers only. And refused calls can count towards the limit, so it never recovers.',
      },
      {
        text: 'Fewer, because it is slower.',
        why: 'Round robin does not measure; and a 429 is the fastest answer of all.',
      },
    ],
  },
  {
    question: 'Hedging sends a second call when the first is late. When is "late"?',
    options: [
      {
        text: 'At once: two calls for every request.',
        why: 'The shortest tail, for twice the money and twice the load.',
      },
      {
        text: 'When it is slower than 95 of 100, within a budget of extra calls.',
        right: true,
        why: 'About 5 % more calls take most of the tail away, and the budget holds when everything is slow.',
      },
      {
        text: 'After the first words have been shown and the rest is slow.',
        why: 'Then a second answer can only be mixed into the first.',
      },
    ],
  },
  {
    question:
      'Twice as many jobs come in as can be done, each of use for three seconds. Who should get the next free place?',
    options: [
      {
        text: 'The one that has waited longest.',
        why: 'It is the next one to be late: by the time it is done nobody wants it. Lab 6: 6 % finished in time.',
      },
      {
        text: 'One that can still be done in time; the others are told no at once.',
        right: true,
        why: 'Every place then produces something useful, and those turned away can do something else.',
      },
      {
        text: 'All at once, with more concurrency.',
        why: 'The places are what is missing; more at once makes each slower.',
      },
    ],
  },
  {
    question:
      'A service that calls models runs at 8 % CPU with sixty calls under way and a growing queue. What should the autoscaler do?',
    options: [
      {
        text: 'Scale down: the CPU is idle.',
        why: 'Calls that wait for a network leave the CPU cold at any load.',
      },
      {
        text: 'Scale up: calls under way and waiting jobs are the load.',
        right: true,
        why: 'Scale on what is used up: places. And pause before scaling down, or it flaps.',
      },
      {
        text: 'Nothing: it cannot know.',
        why: 'It knows how many calls are under way and how many jobs wait.',
      },
    ],
  },
  {
    question: 'A user cancels a request half-way. What may the pool do with its connection?',
    options: [
      {
        text: 'Give it to the next caller: it is open.',
        why: 'The cancelled answer is still on its way through it, and the next caller would read it.',
      },
      {
        text: 'Close it, and open a new one when somebody needs one.',
        right: true,
        why: "This class of bug showed ChatGPT users other people's chat titles in March 2023.",
      },
      {
        text: 'Wait a second, then give it out.',
        why: 'An answer may take longer than any pause you choose.',
      },
    ],
  },
];
