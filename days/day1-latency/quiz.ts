import type { Quiz } from '#lib/workbook/quiz.ts';

export const quiz: Quiz = [
  {
    question: 'A semaphore of 5 stands in front of 1,000 tasks that each call a model. What does it do?',
    options: [
      {
        text: 'It lets 5 tasks a second through.',
        why: 'It knows nothing of time. If a call takes 0.1 s, 5 at once are 50 a second; if it takes 10 s, one every 2 s.',
      },
      {
        text: 'All 1,000 run, 5 at any moment.',
        why: 'It is a bouncer: who leaves makes room for the next. A quota per minute needs a limit on the rate as well.',
        right: true,
      },
      {
        text: 'The first 5 run, the other 995 are refused.',
        why: 'Those wait in line. Refusing is what a full queue or a circuit breaker does.',
      },
    ],
  },
  {
    question: 'You send 200 calls in chunks of 10 with `Promise.all`. A limiter of 10 would be …',
    options: [
      {
        text: 'just as fast: both have 10 calls under way.',
        why: 'Only at the start of a chunk. Towards its end nine places are empty and wait for the slowest call.',
      },
      {
        text: 'faster, because a free place is taken at once.',
        why: 'A chunk takes as long as its slowest call. With one call in twenty six times as long, four chunks in ten have one.',
        right: true,
      },
      {
        text: 'slower, because of the queue.',
        why: 'Handing a place to the next task takes microseconds; a call takes a second.',
      },
    ],
  },
  {
    question: 'What does streaming change about an answer of 300 tokens?',
    options: [
      {
        text: 'It is complete sooner.',
        why: 'The model writes the same tokens at the same pace. The last one arrives when it would have arrived anyway.',
      },
      {
        text: 'It costs less, because the user can stop it.',
        why: 'Streaming alone saves nothing. Stopping does, and only if the request ends and not just the display.',
      },
      {
        text: 'The first words are there sooner; the last are not.',
        why: 'Time to first token falls from the whole answer to a fraction of it. The total stays.',
        right: true,
      },
    ],
  },
  {
    question: 'An answer takes 4 s: a prompt of 2,000 tokens, 300 tokens of output. What makes it faster?',
    options: [
      {
        text: 'Halve the prompt.',
        why: 'A model reads many thousand tokens a second. Half of a prompt is usually worth 1 to 5 % (OpenAI, latency guide).',
      },
      {
        text: 'Halve the answer.',
        why: 'It is written one token after the other, so half the tokens are almost half the time.',
        right: true,
      },
      {
        text: 'Lower the temperature.',
        why: 'That changes which token is picked, not how long picking takes.',
      },
    ],
  },
  {
    question: 'A provider fails for a moment. 200 clients wait 1 s, 2 s, 4 s and try again. What is missing?',
    options: [
      {
        text: 'Nothing: exponential backoff spreads the load.',
        why: 'It spreads each client over time, but all 200 in step: they come back together at 1 s, at 3 s and at 7 s.',
      },
      {
        text: 'A longer first wait.',
        why: 'Then the herd comes later, and is as large as before.',
      },
      {
        text: 'Jitter: each client waits a random part of the time.',
        why: 'Randomness is what takes the clients out of step. Where the provider names a wait, the jitter goes on top of it.',
        right: true,
      },
    ],
  },
  {
    question:
      'Your function tries a call 3 times, through an SDK that tries 3 times. The provider is down. How many requests does it see for each of yours?',
    options: [
      {
        text: '3',
        why: 'That would be one layer. The SDK does not know that it is being retried.',
      },
      {
        text: '6',
        why: 'Layers multiply: each of your three attempts is three of the SDK.',
      },
      {
        text: '9',
        why: 'Three times three, at the moment when the provider needs it least. Retry in one layer, with a budget for all requests together.',
        right: true,
      },
    ],
  },
  {
    question:
      'To cut the tail you send every request twice at once and take the first answer. What is the catch?',
    options: [
      {
        text: 'None: the slower one is cancelled.',
        why: 'By then it has read the prompt and written tokens, and both are billed. The load has doubled as well.',
      },
      {
        text: 'Both are billed and the load doubles. Send the second one only after the 95th percentile.',
        why: 'Then about one request in twenty is sent twice. In BigTable that kind of delay cost 2 % more requests and cut p99.9 from 1,800 to 74 ms (Dean and Barroso, 2013).',
        right: true,
      },
      {
        text: 'The two answers differ, so it cannot be done.',
        why: 'They may differ, but you only show one. The catch is the price.',
      },
    ],
  },
  {
    question:
      'A user presses stop in the middle of an answer, and the page stops showing text. What do you pay?',
    options: [
      {
        text: 'Nothing, the answer was not completed.',
        why: 'Output is billed as it is generated, complete or not.',
      },
      {
        text: 'What was generated until the request itself was aborted.',
        why: 'Only an abort that reaches the connection stops the model. If just the display stops, you pay for every word.',
        right: true,
      },
      {
        text: 'The whole answer in any case.',
        why: 'Not if the request is aborted: then generation ends with it.',
      },
    ],
  },
  {
    question:
      'Three deployments take turns (round robin). One of them begins to answer 429 at once. What happens?',
    options: [
      {
        text: 'Each still serves a third of the users.',
        why: 'Each still gets a third of the requests. A third of the users get errors.',
      },
      {
        text: 'A third of the requests fail, and a balancer that prefers fast answers makes it worse.',
        why: 'A refusal takes milliseconds, so the throttled deployment looks like the fastest. Count failures as slow, and rest it for as long as `retry-after` says.',
        right: true,
      },
      {
        text: 'The other two slow down until the third is back.',
        why: 'They get no more requests than before; nothing has been moved.',
      },
    ],
  },
  {
    question:
      'A batcher waits up to 100 ms for ten requests. You raise the wait to one second. When does that pay?',
    options: [
      {
        text: 'Always: fuller batches are cheaper.',
        why: 'Only until they are full. Beyond that everybody waits longer and no call is saved.',
      },
      {
        text: 'At night, when few requests come.',
        why: 'That is where it hurts most: each request waits a second for company that does not come.',
      },
      {
        text: 'While requests come often enough to fill the batch later, but not within 100 ms.',
        why: 'Above about 100 a second the batch is full anyway; below one a second nobody joins it. In between you trade a second for fewer calls.',
        right: true,
      },
    ],
  },
  {
    question:
      'Azure answers 429 after seven small requests within three seconds. The quota is far larger. Why?',
    options: [
      {
        text: 'The quota of the minute is spent.',
        why: 'Not by seven small requests. The figure per minute is enforced in slices of 1 to 10 seconds.',
      },
      {
        text: 'Requests are counted in short slices, and tokens by an estimate that includes the output cap.',
        why: 'Seven at once can fill a slice. And a cap of 4,000 counts as 4,000 when the request comes in, even if 50 are written.',
        right: true,
      },
      {
        text: 'The key is wrong.',
        why: 'That is a 401, and no waiting helps.',
      },
    ],
  },
  {
    question:
      'A page needs 100 calls side by side. Each call is slow one time in a hundred. How many pages meet a slow call?',
    options: [
      {
        text: '1 %',
        why: 'That is the share of slow calls. A page is as slow as the slowest of its hundred.',
      },
      {
        text: '63 %',
        why: 'All hundred are fast with a probability of 0.99 to the power of 100, which is 37 %.',
        right: true,
      },
      {
        text: 'All of them: 100 times 1 % is 100 %.',
        why: 'Probabilities of independent events do not add up. On average a page meets one slow call, but some meet three and many none.',
      },
    ],
  },
  {
    question:
      'A page shows its reply when it is ready; the suggestions below it come later. One suggestion fails. What should the page do?',
    options: [
      {
        text: 'Fail: a page that is not whole is wrong.',
        why: 'The user came for the reply. Only the parts on which the page depends may take it down.',
      },
      {
        text: 'Stay, without that suggestion.',
        why: 'Say which parts are critical. The failure of any other part is a gap, not an error page.',
        right: true,
      },
      {
        text: 'Wait until the suggestion has been retried.',
        why: 'Retry it by all means, but the reply has nothing to wait for.',
      },
    ],
  },
];
