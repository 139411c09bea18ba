import * as subject from '#days/day5-nodejs/4-connections/pool.ts';
import { check, hold, meets, permit, play, step, trial } from '#lib/check';
import { endedInWords, isLetGo, leavesNoListener } from '#lib/check/cancellation.ts';
import { CHAT_MAX, CROWD, corners, MAX, onRealSockets, scenario, throughAgents } from './scenario/index.ts';

const run = play(scenario, subject);
const cornersRun = play(corners, subject);
const socketsTrial = trial(() => permit('loopback', () => onRealSockets(subject)));
const servicesTrial = trial(() => permit('loopback', () => throughAgents(subject)));

step(1);

check('opens no more connections than it may, those being opened included', async () => {
  const { crowd } = (await cornersRun()).value;
  const { peak } = (await run()).value;
  hold(crowd.peak <= 3 && peak <= MAX, {
    happened: `twenty callers came at once and ${crowd.peak} connections were open or being opened`,
    expected: '3 at most',
    help: 'Between the question whether there is room and the answer of `connect` others ask too. Count before you await.',
  });
  hold(crowd.counted.size === 3 && crowd.counted.waiting === 17, {
    happened: `right then size was ${crowd.counted.size} and waiting ${crowd.counted.waiting}`,
    expected: 'size 3, waiting 17',
  });
});

const wakes = check('serves all who wait, in the order in which they came', async () => {
  const { crowd, line, wakes } = (await cornersRun()).value;
  for (const [how, { answer }] of [
    ['broken', wakes.broken],
    ['dead, closed by the server', wakes.dead],
  ] as const)
    hold(answer === 'answer to ping', {
      happened: `the only connection was released ${how}, while somebody waited; the one who waited ${answer === 'stuck' ? 'waits for ever' : `ended with "${answer}"`}`,
      expected: 'a new connection to be opened for the next in line',
      help: 'What is closed gives up its place, and somebody may wait for that.',
    });
  hold(crowd.ended && line.ended, {
    happened: `a connection was released and ${line.ended ? 'twenty' : 'five'} callers still waited for it, for ever`,
    expected: 'the next in line to get it',
    help: 'release has two cases: somebody waits, or nobody does.',
  });
  hold(line.served.join() === '0,1,2,3,4', {
    happened: `five callers came one after the other and were served in the order ${line.served.join(', ')}`,
    expected: '0, 1, 2, 3, 4',
    help: 'Newest first lets the oldest wait as long as anybody comes.',
  });
});

check('keeps connections for those who come later', async () => {
  const played = await run();
  void played.value;
  meets(played, 'handshakes', 'A handshake costs more than the request. Keep what is released.');
  meets(played, 'p95 of a request');
});

check('never gives out a connection in the middle of another answer', { needs: [wakes] }, async () => {
  const { cancelled, wakes } = (await cornersRun()).value;
  hold(cancelled.got === "answer to Ben's profile", {
    happened: `Anna cancelled her request, and Ben, who came next, read "${cancelled.got}"`,
    expected: '"answer to Ben\'s profile"',
    help: 'After a cancelled request her answer is still on its way through that connection. Close it; never keep it.',
  });
  hold(wakes.broken.closed === 1, {
    happened: `a connection was released as broken, and \`close\` was called ${wakes.broken.closed} times`,
    expected: 'once',
  });
  const seen = await socketsTrial();
  hold(seen.wrong === 0 && seen.answered === 36, {
    happened: `of 36 requests that were not cancelled, ${seen.answered} got their answer and ${seen.wrong} somebody else's`,
    expected: '36 and none',
  });
  hold(seen.peak <= 4 && seen.opened <= 4 + seen.cancelled, {
    happened: `a server on loopback saw ${seen.opened} connections, ${seen.peak} of them at one time, for 40 requests of which ${seen.cancelled} were cancelled`,
    expected: `at most 4 at one time, and ${4 + seen.cancelled} in all: one more for each that was cancelled`,
  });
});

check('replaces a connection that has died, or was idle for too long', { needs: [wakes] }, async () => {
  const { dead, idle } = (await cornersRun()).value;
  hold(
    dead.answers.every((answer) => answer === 'answer to ping'),
    {
      happened: `the server closed an idle connection, then one in use, and the next requests ended with: ${dead.answers.join(', ')}`,
      expected: 'an answer on a new connection each time',
      help: 'Ask `healthy` when you give out and when you get back, and give up the place of what you drop.',
    },
  );
  hold(dead.closed === 2, {
    happened: `two connections had died, and \`close\` was called ${dead.closed} times`,
    expected: '2: once for each that is dropped, or its socket is never freed',
  });
  hold(dead.size === 1, {
    happened: `afterwards one connection was open and size was ${dead.size}`,
    expected: '1',
  });
  const { lost, exact, short } = idle;
  hold(lost.answer === 'answer to after the pause', {
    happened: `after a pause of 4.6 s the request ended with "${lost.answer}": the server closes idle connections after 4.5 s, and it looked well until it was used`,
    expected: 'a new connection, because idleMs is 4 s',
    help: 'Note when a connection came back. Your idle time must be shorter than the keep-alive of the server.',
  });
  hold(lost.closed === 1, {
    happened: `the one that was too old was replaced, and \`close\` was called ${lost.closed} times`,
    expected: 'once: what is dropped and not closed stays open',
  });
  hold(exact.handshakes === 2 && short.handshakes === 1, {
    happened: `after a pause of exactly idleMs there had been ${exact.handshakes} handshakes, after a millisecond less ${short.handshakes}`,
    expected: '2 and 1',
  });
});

check('gives the place of one who leaves, or cannot connect, to the next', { needs: [wakes] }, async () => {
  const { gaveUp, left, refused } = (await cornersRun()).value;
  const { before, second, third } = gaveUp;
  isLetGo(before, 'a caller whose signal had aborted before', 0);
  isLetGo(second, 'a caller who gave up after 50 ms of waiting for the only place', 50);
  hold(third.how === 'resolved' && third.afterMs === 100, {
    happened: `the connection was released after 100 ms; the caller behind the one who left ${endedInWords(third)}`,
    expected: 'after 100 ms',
    help: 'Who leaves must leave the line: a connection handed to him is never released again.',
  });
  leavesNoListener(second, 'a caller who gave up');
  leavesNoListener(third, 'a caller who waited and got its connection');
  hold(left.afterGrant, {
    happened: 'a caller who had waited got its connection and left; whoever waited behind it waits for ever',
    expected: 'the connection, when it is released',
    help: 'The abort of one who is no longer in line takes nobody out: `splice(-1, 1)` takes the last.',
  });
  hold(left.whileOpening && left.size === 1 && left.waiting === 0, {
    happened: `a caller left while a connection was being opened for it; the next one ${left.whileOpening ? 'was served' : 'waits for ever'}, size is ${left.size}, waiting ${left.waiting}`,
    expected: 'the next one to be served, size 1 and waiting 0',
  });
  hold(gaveUp.waiting === 0 && refused.size === 1, {
    happened: `in the end waiting was ${gaveUp.waiting}; after a refused and a good handshake size was ${refused.size}`,
    expected: '0 and 1',
  });
  hold(refused.first === 'ECONNREFUSED' && refused.second === 'a connection', {
    happened: `a handshake failed; its caller got ${refused.first}, and the next one ${refused.second === 'stuck' ? 'waits for ever' : refused.second}`,
    expected: 'ECONNREFUSED, and a connection',
    help: 'A failed connect gives its place back, and somebody may wait for it.',
  });
});

step(2);

check('gives each service so many connections of its own, and uses them again', async () => {
  const { errors, first, openedLater, meanwhile } = await servicesTrial();
  hold(errors.length === 0, () => ({
    happened: `a call through the SDK failed: ${errors[0]}`,
    expected: 'an answer to each',
  }));
  hold(first.peak === CHAT_MAX, {
    happened: `${CROWD} questions came at once to a service of which \`max\` is ${CHAT_MAX}, and the server saw ${first.peak} connections at one time`,
    expected: `${CHAT_MAX}`,
    help: 'How many sockets there are is up to the agent below `fetch`, not to the SDK.',
  });
  hold(first.opened === CHAT_MAX && openedLater === 0, {
    happened: `${first.opened} connections were opened for ${CROWD} questions at once, and ${openedLater} for five more, one after the other`,
    expected: `${CHAT_MAX} and none`,
    help: 'An agent keeps its connections as long as it lives itself.',
  });
  hold(meanwhile === 'answered', {
    happened: `while every connection of the chat service waited for its answer, a call to the embeddings at the same address ${meanwhile === 'stuck' ? 'got no connection' : `failed: ${meanwhile}`}`,
    expected: 'an answer: a service that hangs takes no place of another',
  });
});

check('closes what nobody uses, and everything at the end', async () => {
  const { leftAtTheEnd, leftIdle } = await servicesTrial();
  hold(leftAtTheEnd === 0, {
    happened: `after \`close\` ${leftAtTheEnd} connections were still open`,
    expected: 'none: a process with an open socket does not end',
  });
  hold(leftIdle === 0, {
    happened: `long after \`idleMs\` ${leftIdle} connections that nobody used were still open`,
    expected: 'none',
    help: 'The server offers to keep them for some seconds, in a header. An agent takes that up to a limit, which is an option too.',
  });
});
