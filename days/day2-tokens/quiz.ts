import type { Quiz } from '#lib/workbook/quiz.ts';

export const quiz: Quiz = [
  {
    question:
      'You replace "information" by "info" and "generate" by "gen" in a prompt. How many tokens does it save?',
    options: [
      {
        text: 'About half of them',
        why: 'Half of the characters. A tokenizer has common words as one token each, whatever their length.',
      },
      {
        text: 'None',
        why: 'All four are one token. Inside a longer word an abbreviation can even add one.',
        right: true,
      },
      { text: 'One for each word', why: 'Then the words would have to vanish. One token stays one token.' },
    ],
  },
  {
    question: 'For which text is "four characters a token" a fair guess?',
    options: [
      { text: 'Any text', why: 'A UUID of 36 characters has some 23 tokens, not nine.' },
      {
        text: 'English prose',
        why: 'It was measured there. Code, JSON, German and Japanese have their own rates.',
        right: true,
      },
      { text: 'Japanese', why: 'There it is about one and a half to two characters a token.' },
    ],
  },
  {
    question: '`usage` says 3,000 prompt tokens, 2,048 of them cached. How many are billed as input?',
    options: [
      { text: '5,048', why: 'Cached tokens are inside the prompt tokens. This charges them twice.' },
      {
        text: '3,000: 952 at the full and 2,048 at the cached price',
        why: 'Two lines of the bill that add up to the prompt.',
        right: true,
      },
      {
        text: '952, the cached ones are free',
        why: 'They are cheaper, not free: a tenth to a twentieth of the price, as of November 2026.',
      },
    ],
  },
  {
    question:
      'A model that reasons reports 900 completion tokens and 600 reasoning tokens. What is billed as output?',
    options: [
      { text: '900', why: 'Reasoning is a part of the completion and costs what output costs.', right: true },
      { text: '1,500', why: 'That counts the thinking twice.' },
      { text: '300', why: 'The thinking is hidden, not free.' },
    ],
  },
  {
    question: 'Model A costs a tenth of model B per token. Is it cheaper?',
    options: [
      {
        text: 'Yes, by nine tenths',
        why: 'Only if it needs as many tokens, as many attempts, and solves as many tasks.',
      },
      {
        text: 'Not necessarily: compare the cost of a solved task',
        why: 'Long thinking, second attempts and escalation are all on the bill.',
        right: true,
      },
      {
        text: 'No, cheap models always cost more in the end',
        why: 'For many kinds of task they are cheaper and as good. Measure it.',
      },
    ],
  },
  {
    question: 'What does prompt caching at the provider keep?',
    options: [
      {
        text: 'The answer to a prompt',
        why: 'The answer is generated anew each time, and output is billed in full.',
      },
      {
        text: 'What was computed while reading the beginning of a prompt',
        why: 'The next prompt with the same beginning is read faster and at a lower price.',
        right: true,
      },
      {
        text: 'Your documents, until you delete them',
        why: 'It is kept for thirty minutes at least, or twelve hours at a higher price for writing.',
      },
    ],
  },
  {
    question:
      'On GPT-5.6 and later: rules of 3,000 tokens, then a question that is new each time. No breakpoint is set. What happens?',
    options: [
      {
        text: 'The rules are read from the cache, because they are the same',
        why: 'So it was until GPT-5.5. Now a prefix is found at breakpoints only, and by the rule of the guide this one stands behind the question.',
      },
      {
        text: 'All of it is written, each time, and costs more than without a cache',
        why: 'The only breakpoint is behind the last message. Set one behind the rules.',
        right: true,
      },
      { text: 'Nothing is cached', why: 'That is explicit mode without a breakpoint. It would be cheaper.' },
    ],
  },
  {
    question: 'Which of these keeps a cached prefix?',
    options: [
      {
        text: 'Another reasoning effort',
        why: 'It is part of what is compared, like tools, format and verbosity.',
      },
      {
        text: 'Another question at the end',
        why: 'What comes after the breakpoint may change.',
        right: true,
      },
      { text: 'The flex tier for some requests', why: 'The service tier is part of what is compared.' },
    ],
  },
  {
    question: 'The model has to know the date. Where in the prompt does it go?',
    options: [
      {
        text: 'First, so that everything after it is read with it in mind',
        why: 'Then every prompt differs in its first line and nothing is ever found in the cache.',
      },
      {
        text: 'Late, with the question',
        why: 'The model finds it there too, and all that comes before stays the same.',
        right: true,
      },
      { text: 'Nowhere', why: 'Then it guesses, and it guesses the year it was trained in.' },
    ],
  },
  {
    question:
      'A chat no longer fits. You drop the oldest message before every request. What happens to the bill?',
    options: [
      {
        text: 'It falls: fewer tokens each time',
        why: 'As many as before: the window stays full. And now none of it comes out of the cache, all of it is written.',
      },
      {
        text: 'It rises: every request begins differently',
        why: 'Cut half of it, rarely, and the requests in between only add at the end.',
        right: true,
      },
      {
        text: 'Nothing',
        why: 'Cached tokens cost a tenth or less, and written ones more than input. That is seen at once.',
      },
    ],
  },
  {
    question: '`max_completion_tokens: 50` makes answers short. Does it?',
    options: [
      { text: 'Yes, the model plans for it', why: 'The model does not know of it.' },
      {
        text: 'No, it cuts them off',
        why: 'The answer ends in the middle with `finish_reason: "length"`, and the fifty tokens are billed; of a model that thinks first there may be no answer at all. Ask for brevity in the prompt.',
        right: true,
      },
      { text: 'Only with temperature 0', why: 'Temperature has nothing to do with length.' },
    ],
  },
  {
    question: 'What is the Batch API for?',
    options: [
      {
        text: 'Many answers fast',
        why: 'It may take up to 24 hours. For half the price within minutes there is flex, as long as it has room.',
      },
      {
        text: 'Many answers at half the price, some time within 24 hours',
        why: 'With a rate pool of its own, so it does not slow the rest down.',
        right: true,
      },
      {
        text: 'Several questions in one prompt',
        why: 'That is combining prompts. A batch is a file with one request a line.',
      },
    ],
  },
  {
    question:
      'A compressor takes 20 % off a shared prefix of 1,200 tokens that was read from the cache. What does that save?',
    options: [
      { text: '20 % of the prefix', why: 'It would, at the cached price, if it were still cached.' },
      {
        text: 'Less than nothing',
        why: 'It now has 960 tokens. Below 1,024 nothing is cached, and all of it costs the full price.',
        right: true,
      },
      { text: 'Nothing, cached tokens are free', why: 'They cost a tenth to a twentieth.' },
    ],
  },
  {
    question:
      'A cascade asks a cheap model first and a strong one if a judge is not content. When does it cost more than the strong model alone?',
    options: [
      {
        text: 'Never: the first model is cheap',
        why: 'Each task that goes on is paid twice, and the judge on top.',
      },
      {
        text: 'When nearly everything goes on, or the judge is expensive',
        why: 'Then the cheap answer and the verdict are pure extra.',
        right: true,
      },
      { text: 'When the texts are long', why: 'Length makes all of it cost more alike.' },
    ],
  },
];
