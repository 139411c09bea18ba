import { inWords } from '../../provider/metrics.ts';
import { type Chooser, chooser, make } from './dom.ts';
import { SPEEDS } from './view.ts';

/** Moves through a play at human speed or faster. */
export interface Replay {
  /** Where the replay stands: charts show what had happened by then. */
  nowMs(): number;
  /** Takes up a play of this length, at its end. */
  load(lastMs: number): void;
  setSpeed(speed: number): void;
}

export interface ReplayOptions {
  place: HTMLElement;
  onMove(): void;
  onSpeed(speed: number): void;
}

/** Charts are drawn again at most this often while a replay runs. */
const DRAW_MS = 80;

export function createReplay({ place, onMove, onSpeed }: ReplayOptions): Replay {
  let lastMs = 0;
  let nowMs = 0;
  let speed = 1;
  let frame: number | undefined;
  let seenAt = 0;
  let drawnAt = 0;
  const button = make('button', { type: 'button' }, 'Replay');
  const slider = make('input', { type: 'range', min: '0', step: 'any' });
  const field = make('label', { class: 'field' }, 'Virtual time', slider);
  const speeds: Chooser = chooser('Speed', (value) => onSpeed(Number(value)));
  place.append(button, field, speeds.field);

  button.addEventListener('click', () => (frame === undefined ? start() : stop()));
  slider.addEventListener('input', () => {
    stop();
    move(Number(slider.value));
  });
  slider.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, PageUp: 10, PageDown: -10 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    stop();
    move(Math.min(lastMs, Math.max(0, nowMs + (step * lastMs) / 100)));
  });

  return {
    nowMs: () => nowMs,
    load(ms) {
      stop();
      lastMs = ms;
      slider.max = String(ms);
      button.disabled = ms <= 0;
      slider.disabled = ms <= 0;
      nowMs = ms;
      showPlace();
    },
    setSpeed(value) {
      speed = value;
      speeds.set(Object.entries(SPEEDS), String(value));
    },
  };

  function start(): void {
    if (nowMs >= lastMs) nowMs = 0;
    button.textContent = 'Pause';
    seenAt = performance.now();
    drawnAt = 0;
    frame = requestAnimationFrame(step);
  }

  function stop(): void {
    if (frame !== undefined) cancelAnimationFrame(frame);
    frame = undefined;
    button.textContent = 'Replay';
  }

  function step(): void {
    const at = performance.now();
    nowMs = Math.min(lastMs, nowMs + (at - seenAt) * speed);
    seenAt = at;
    const ended = nowMs >= lastMs;
    frame = ended ? undefined : requestAnimationFrame(step);
    if (ended) stop();
    if (!ended && at - drawnAt < DRAW_MS) return;
    drawnAt = at;
    move(nowMs);
  }

  function move(ms: number): void {
    nowMs = ms;
    showPlace();
    onMove();
  }

  function showPlace(): void {
    slider.value = String(nowMs);
    slider.setAttribute('aria-valuetext', `${inWords(nowMs, 'ms')} of ${inWords(lastMs, 'ms')}`);
  }
}
