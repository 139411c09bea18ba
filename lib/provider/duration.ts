/**
 * A time span as OpenAI writes it in headers and messages, which is how Go prints durations: `12ms`, `1.574s`, `6m0s`.
 * Cut to whole milliseconds.
 */
export function goDuration(ms: number): string {
  const whole = Math.floor(ms + 1e-6);
  if (whole < 1000) return `${whole}ms`;
  const hours = Math.floor(whole / 3_600_000);
  const minutes = Math.floor((whole % 3_600_000) / 60_000);
  const seconds = `${(whole % 60_000) / 1000}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
