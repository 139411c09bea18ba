import kleur from 'kleur';

/** How screens are drawn: decided once, from the stream and the environment. */
export interface Style {
  /** Columns of the terminal, at least 40. */
  readonly width: number;
  /** Plain lines, no bars, no redrawing: for screen readers and logs. */
  readonly plain: boolean;
  /** Whether file names may be terminal links. */
  readonly links: boolean;
  /** Whether colours are shown. */
  readonly colours: boolean;
  paint(colour: Colour, text: string): string;
}

export type Colour = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold';

export interface Screen {
  isTTY?: boolean;
  columns?: number;
}

/** Reads NO_COLOR, FORCE_COLOR, ACCESSIBLE and TERM, as other programs do. */
export function createStyle(screen: Screen, env: NodeJS.ProcessEnv): Style {
  const colours = wantsColours(screen, env);
  kleur.enabled = true; // The decision is ours: kleur's own looks at another stream.
  return {
    width: Math.max(40, screen.columns ?? 80),
    plain: isAccessible(env),
    colours,
    links: colours && screen.isTTY === true && !isAccessible(env) && env.TERM !== 'linux',
    paint: (colour, text) => (colours ? kleur[colour](text) : text),
  };
}

export function isAccessible(env: NodeJS.ProcessEnv): boolean {
  return env.ACCESSIBLE !== undefined && !['', '0', 'false'].includes(env.ACCESSIBLE);
}

function wantsColours(screen: Screen, env: NodeJS.ProcessEnv): boolean {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return screen.isTTY === true && env.TERM !== 'dumb';
}
