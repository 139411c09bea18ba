// The browser's side of a stream. Pieces arrive as server-sent events, far more often than a screen is drawn, so
// they are collected and shown once per animation frame.

const [form, question, ask, stop, answer, status, first, paints, provider] = [
  'form',
  'question',
  'ask',
  'stop',
  'answer',
  'status',
  'first',
  'paints',
  'provider',
].map((id) => document.getElementById(id));

/** How an answer can end, in the words of the page. */
const ENDS = {
  stop: 'Complete.',
  length: 'Cut short: the answer has reached its cap.',
  aborted: 'Stopped. What had arrived stays.',
  stalled: 'The answer went silent and was given up. What had arrived stays.',
  error: 'The connection to the provider broke. What had arrived stays.',
  lost: 'The connection to this page’s server broke. What had arrived stays.',
};

/** The answer that is on the page; null before the first. */
let shown = null;

for (const [text, prompt] of Object.entries(await getJson('/questions')))
  question.add(new Option(text, prompt));
form.addEventListener('submit', (event) => {
  event.preventDefault();
  start(question.value);
});
stop.addEventListener('click', () => shown?.end('aborted'));
// A page that is closed or left drops its connection, and the server aborts. One that is kept for "back" does not.
addEventListener('pagehide', () => shown?.end('aborted'));

function start(prompt) {
  shown?.end('aborted');
  shown = show(new EventSource(`/answer?question=${encodeURIComponent(prompt)}`));
}

/** Shows one answer while it comes. `end` closes the connection, which is what stops the provider. */
function show(source) {
  let waiting = '';
  let frame = 0;
  let pieces = 0;
  let repaints = 0;
  let finish = '';
  const startMs = performance.now();

  answer.textContent = '';
  answer.setAttribute('aria-busy', 'true');
  delete status.dataset.bad;
  status.textContent = 'Waiting for the first words …';
  first.textContent = paints.textContent = provider.textContent = '–';
  ask.disabled = true;
  stop.disabled = false;

  source.addEventListener('token', ({ data }) => {
    pieces += 1;
    waiting += JSON.parse(data);
    paintSoon();
  });
  source.addEventListener('end', ({ data }) => end(JSON.parse(data).finish));
  // Left alone, an EventSource connects again by itself: the question would be asked, and billed, once more.
  source.addEventListener('error', () => end('lost'));
  return { end };

  /** However many pieces come before the next frame, it is painted once. */
  function paintSoon() {
    if (frame === 0) frame = requestAnimationFrame(paint);
  }

  function paint() {
    frame = 0;
    repaints += 1;
    if (waiting) {
      if (!answer.firstChild) {
        first.textContent = `after ${((performance.now() - startMs) / 1000).toFixed(2)} s`;
        status.textContent = 'Writing …';
      }
      // A text node of its own for each frame: the browser need not lay out the whole answer again.
      answer.append(waiting);
      waiting = '';
    }
    paints.textContent = `${pieces}, ${repaints}`;
    if (finish) finished();
  }

  function end(how) {
    if (finish) return;
    finish = how;
    source.close();
    paintSoon();
  }

  function finished() {
    answer.setAttribute('aria-busy', 'false');
    status.textContent = ENDS[finish] ?? finish;
    if (!['stop', 'aborted'].includes(finish)) status.dataset.bad = '';
    ask.disabled = false;
    stop.disabled = true;
    // A moment later: an aborted call is only known there when the connection's end has travelled.
    setTimeout(askProvider, 300);
  }
}

/** What the provider's own record says of the last call. While it still writes, asks again. */
async function askProvider() {
  const call = await getJson('/ledger');
  if (!call) return;
  const { outcome, tokens, costUsd } = call;
  provider.textContent =
    outcome === 'open'
      ? 'still writing, and billing, though nobody reads it'
      : `${outcome}; ${tokens} tokens written, $${costUsd.toFixed(6)} for the call`;
  if (outcome === 'open') setTimeout(askProvider, 500);
}

async function getJson(path) {
  return (await fetch(path)).json();
}
