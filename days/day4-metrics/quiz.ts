import type { Quiz } from '../../lib/workbook/quiz.ts';

export const quiz: Quiz = [
  {
    question: 'Average latency fell from 1.9 s to 1.7 s. What do users notice?',
    options: [
      {
        text: 'Answers are a tenth faster.',
        why: 'Only if all became faster by the same share; a mean does not say so.',
      },
      {
        text: 'It cannot be said; look at percentiles, by kind of request.',
        why: 'The median may have stayed while one kind of request became much faster, or p99 may have doubled.',
        right: true,
      },
      {
        text: 'Nothing: 0.2 s is below perception.',
        why: 'For the mean; for some users it may have been ten seconds.',
      },
    ],
  },
  {
    question: 'You have p95 of each of 24 hours. What is the p95 of the day?',
    options: [
      {
        text: 'Their mean.',
        why: 'No percentile of anything: an hour with ten calls weighs as much as one with ten thousand.',
      },
      {
        text: 'Their mean, weighted by calls.',
        why: 'Still not a percentile: slow hours and busy hours need not be the same.',
      },
      {
        text: 'It cannot be had from them; add the histograms and read p95 there.',
        why: 'Counts per bucket can be added over hours and machines, and p95 read from the sum.',
        right: true,
      },
    ],
  },
  {
    question: 'p95 of 50 calls: how solid is it?',
    options: [
      {
        text: 'It rests on the two or three slowest calls.',
        why: 'The 48th of 50 in order. One lucky or unlucky call moves it.',
        right: true,
      },
      { text: 'Within 5 %, hence the name.', why: 'The 95 is a rank, not a precision.' },
      {
        text: 'Solid, if it was measured three times.',
        why: 'Then there are 150 calls; use all of them, not the best of three.',
      },
    ],
  },
  {
    question: 'A load test with 100 users sends how many requests a second?',
    options: [
      { text: '100.', why: 'Only if every answer takes exactly one second.' },
      {
        text: 'As many as the server lets it: 100 divided by the answer time.',
        why: 'A closed loop. If answers take 5 s it sends 20 a second, so it goes easy on a server in trouble.',
        right: true,
      },
      { text: '100 per core of the load generator.', why: 'Users wait, they do not compute.' },
    ],
  },
  {
    question: 'Your server answers 40 requests a second when flooded. Is that its capacity?',
    options: [
      {
        text: 'Yes, it is what it can do.',
        why: 'It is its throughput, at which everybody waits in a queue.',
      },
      {
        text: 'No. Capacity is the highest rate at which p95 and errors keep the promise.',
        why: 'It lies left of the knee, where a request still meets an idle place.',
        right: true,
      },
      {
        text: 'Half of it, as a rule of thumb.',
        why: 'The share depends on how service times vary. Measure it.',
      },
    ],
  },
  {
    question: 'The experiment shows p < 0.05 on Tuesday. It was planned until Friday. Ship it?',
    options: [
      {
        text: 'Yes, significant is significant.',
        why: 'One look at the planned end is wrong in 5 %. Twenty looks are wrong far more often.',
      },
      {
        text: 'No, unless the method allows for looking early.',
        why: 'Sequential tests and alpha spending do; a fixed test read every day does not.',
        right: true,
      },
      { text: 'Yes, if Wednesday agrees.', why: 'Two looks, and mostly the same data.' },
    ],
  },
  {
    question: 'Each request checks the budget before it is sent. Can the budget be overspent?',
    options: [
      {
        text: 'No, that is what the check is for.',
        why: 'Between check and bill lie seconds, in which others see the same sum.',
      },
      {
        text: 'Yes: concurrent requests pass the same check. Reserve the maximum first.',
        why: 'Checking and taking off must be one step; what the call did not use is given back.',
        right: true,
      },
      {
        text: 'Only on several servers.',
        why: 'One process is enough: every await lets another request in.',
      },
    ],
  },
  {
    question: 'A cache saves 60 % of the cost, routing 40 %. Both together?',
    options: [
      { text: '100 %.', why: 'Routing saves 40 % of what the cache has left, not of the old bill.' },
      {
        text: '76 %.',
        why: '0.4 × 0.6 = 0.24 is left. If both hit the same requests, even more is left.',
        right: true,
      },
      { text: '50 %, the mean.', why: 'Savings one after the other multiply what is left.' },
    ],
  },
  {
    question: 'Should the user id be a label of the latency histogram?',
    options: [
      { text: 'Yes, then each user can be looked up.', why: 'That is a question for a log or a trace.' },
      {
        text: 'No: every user would be a set of time series with all its buckets.',
        why: 'Cardinality multiplies: 10,000 users × 2 models × 15 buckets are 300,000 series. And it is personal data.',
        right: true,
      },
      { text: 'Yes, if it is hashed.', why: 'A hash has as many values, and is personal data as well.' },
    ],
  },
  {
    question: 'An answer from your own cache took 3 ms. Where does it belong?',
    options: [
      {
        text: 'Into gen_ai.client.inference.duration, as everything else.',
        why: 'It was no operation of the provider, and hides a slow one.',
      },
      {
        text: 'Into a metric of its own; users’ latency may be a third one.',
        why: 'Three questions: how fast is the provider, how often do we need it, what does the user see.',
        right: true,
      },
      { text: 'Nowhere, it cost nothing.', why: 'Without it there is no hit rate.' },
    ],
  },
  {
    question: 'In a profile, what is the cumulative time of a function?',
    options: [
      { text: 'The time spent in its own lines.', why: 'That is self time.' },
      {
        text: 'The time in it and in everything that it called.',
        why: 'So main has all of it. Look for much self time, or for callees that should not be there.',
        right: true,
      },
      { text: 'The sum over all runs of the profile.', why: 'Both self and cumulative time are such sums.' },
    ],
  },
  {
    question:
      'An alert fires when a value is three standard deviations above the mean. Why does it miss an incident?',
    options: [
      {
        text: 'Three is too strict; take two.',
        why: 'With outliers in it, the standard deviation is wide at any multiple.',
      },
      {
        text: 'The outliers of the past have widened the standard deviation.',
        why: 'They hide themselves and the incident. Median and MAD, or a log scale, do not move for them.',
        right: true,
      },
      {
        text: 'The mean follows the incident.',
        why: 'It does a little; the spread is what hides it at its start.',
      },
    ],
  },
];
