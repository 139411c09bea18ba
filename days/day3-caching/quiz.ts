import type { Quiz } from '#lib/workbook/quiz.ts';

export const quiz: Quiz = [
  {
    question: 'With temperature 0 a model always gives the same answer, so its answers can be cached safely.',
    options: [
      {
        text: 'Right: a deterministic answer can be reused.',
        why: 'Temperature 0 does not guarantee equal answers; batching and hardware change them. And equal answers would still belong to somebody.',
      },
      {
        text: 'Wrong: whether reuse is safe is a matter of scope and freshness, not of determinism.',
        why: 'An answer may be reused if it was made for the same scope and its sources have not changed, whatever the temperature was. Models that think take no temperature at all.',
        right: true,
      },
      {
        text: 'Wrong: only answers with temperature 1 may be cached.',
        why: 'With temperature 1 a caller often wants a new draw, so these need a policy of their own.',
      },
    ],
  },
  {
    question: 'Is a hash of model and prompt a sufficient key?',
    options: [
      {
        text: 'Yes, if the hash is SHA-256.',
        why: 'A strong hash keeps different inputs apart, but only those that are in it.',
      },
      {
        text: 'Yes, if the prompt is normalised first.',
        why: 'Normalising makes more requests equal, among them "US" and "us".',
      },
      {
        text: 'No: system message, tools, schema, parameters, tenant and prompt version can all change the answer.',
        why: 'Whatever is left out of the key makes two requests one. Leaving out the tenant shows one customer the answer of another.',
        right: true,
      },
    ],
  },
  {
    question: 'A semantic cache has a setting for its threshold. Is a higher value stricter?',
    options: [
      { text: 'Yes, always.', why: 'Only if the setting is a similarity.' },
      {
        text: 'For a similarity yes, for a distance no.',
        why: "Azure API Management's `score-threshold` and LangChain's `distance_threshold` for Redis are distances: there 0.9 lets almost everything match.",
        right: true,
      },
      {
        text: 'No, the threshold only changes the speed.',
        why: 'It decides which neighbours count as the same question.',
      },
    ],
  },
  {
    question: 'A cache reports a hit rate of 90 %. Is it a good cache?',
    options: [
      {
        text: 'Yes: nine of ten calls are spared.',
        why: 'Nobody has said how many of the nine got the right answer, or whether the tenth is the one that costs the money.',
      },
      {
        text: 'No: a good cache has more than 95 %.',
        why: 'What can be reached depends on the traffic: here the limit of lab 6 is 73.6 %.',
      },
      {
        text: 'One cannot say without the share of wrong hits and the dollars saved.',
        why: 'Hits can be wrong, and cheap. Lowering the threshold of a semantic cache always raises the hit rate.',
        right: true,
      },
    ],
  },
  {
    question: 'LRU is the best policy for throwing out entries.',
    options: [
      {
        text: 'Right, it has been proven optimal.',
        why: "Optimal is Bélády's rule, which knows the future.",
      },
      {
        text: 'Wrong: one job that reads everything once empties it; how often something is asked for matters too.',
        why: 'In lab 2 plain LRU loses to a policy in which newcomers have to prove themselves.',
        right: true,
      },
      {
        text: 'Wrong: FIFO is always better, since it is simpler.',
        why: 'Plain FIFO is some points worse than LRU on Zipf traffic. S3-FIFO is good because it has three queues.',
      },
    ],
  },
  {
    question: 'Every entry has a time to live, so the memory of the cache is bounded.',
    options: [
      {
        text: 'Right: what is expired is gone.',
        why: 'Expired is not removed: most caches look at the expiry only when the entry is read.',
      },
      {
        text: 'Wrong: entries that nobody reads stay until something removes them, and a burst fits into one time to live.',
        why: 'Bound the bytes. A time to live says how long an answer is right, not how much room there is.',
        right: true,
      },
      {
        text: 'Right, if each entry has a timer.',
        why: 'Then a thousand entries a second with an hour to live are 3.6 million entries and timers.',
      },
    ],
  },
  {
    question: 'With a cache, a question is sent to the provider once, however many ask it.',
    options: [
      {
        text: 'Right, that is what a cache is for.',
        why: 'It is true one after the other. Between the look and the answer lies a second.',
      },
      {
        text: 'Wrong: those who ask while the first answer is being made find nothing, and ask as well.',
        why: 'Sharing the promise that is under way (single flight) makes one call of five hundred.',
        right: true,
      },
      {
        text: 'Right, because Node runs one thing at a time.',
        why: 'Every `await` lets others in. Look, await, write is a race on one thread too.',
      },
    ],
  },
  {
    question: 'Redis does not answer. What should a request that wanted to look there do?',
    options: [
      {
        text: 'Fail, so that the outage is seen.',
        why: 'The product would be down because its accelerator is. Alarms are for seeing.',
      },
      {
        text: 'Wait until Redis is back.',
        why: 'A hanging connection raises no error; everybody waits, and queues fill up behind it.',
      },
      {
        text: 'Wait for a short, fixed time, and go on as after a miss.',
        why: 'The call is made, which is slower and dearer, and right. Keep an eye on what the provider can take if all misses come at once.',
        right: true,
      },
    ],
  },
  {
    question: 'Should all values be compressed before they are stored?',
    options: [
      {
        text: 'Yes, bytes cost money.',
        why: 'A sentence grows by some twenty bytes, a picture is compressed already, and time on the loop costs too.',
      },
      {
        text: 'No: only from about a kilobyte, and only if it gets smaller.',
        why: 'Below that gzip has nothing to find. Large values belong into the asynchronous functions, off the loop.',
        right: true,
      },
      { text: 'No, compression is never worth it.', why: 'In lab 4 it halves what the second tier holds.' },
    ],
  },
  {
    question: 'The source has changed and the key was deleted. Is the cache right now?',
    options: [
      { text: 'Yes: the old answer is gone.', why: 'The stored one is. Another may be on its way.' },
      {
        text: 'Not yet: a fill that began before the change writes the old answer back.',
        why: 'Mark fills that are under way as void, and look at the mark before storing. What was made from the answer has to go too.',
        right: true,
      },
      {
        text: 'Only if the key is deleted twice.',
        why: 'A second deletion a moment later narrows the gap and does not close it.',
      },
    ],
  },
  {
    question:
      'In 100 labelled pairs a threshold gave no wrong answer. What is known about its true share of errors?',
    options: [
      { text: 'It is 0.', why: 'None was seen in 100; that is not none.' },
      {
        text: 'It is below 3 %, with 95 % confidence.',
        why: '1 − 0.05^(1/100) = 2.95 %. Rule of thumb: 3 / n.',
        right: true,
      },
      {
        text: 'It is below 1 %, since 1 of 100 would have been seen.',
        why: 'With a true share of 1 %, 37 of 100 such samples show none.',
      },
    ],
  },
  {
    question: 'A page is asked for next with a probability of 0.8. Should it be filled ahead?',
    options: [
      { text: 'Yes, above 0.7 it pays.', why: 'A probability says nothing about dollars.' },
      {
        text: 'If 0.8 times what a hit saves is more than what the fill costs.',
        why: 'In lab 7 a report at 0.8 loses $0.0016 a fill, and a cheap page at 0.5 gains $0.001.',
        right: true,
      },
      { text: 'Only at 1.', why: 'Then nothing would ever be filled ahead.' },
    ],
  },
];
