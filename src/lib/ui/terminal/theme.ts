import type { ITheme } from '@xterm/xterm';

/** The terminal's colours from the design tokens (tokens.css, `--term-…`), for the theme that is on now. */
export function terminalTheme(element: HTMLElement): ITheme {
  const style = getComputedStyle(element);
  const token = (name: string): string => style.getPropertyValue(`--term-${name}`).trim();
  const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
  const colours = Object.fromEntries(
    names.flatMap((name) => [
      [name, token(name)],
      [`bright${name[0]?.toUpperCase()}${name.slice(1)}`, token(`bright-${name}`)],
    ]),
  );
  return {
    ...colours,
    background: token('ground'),
    foreground: token('ink'),
    cursor: token('cursor'),
    cursorAccent: token('ground'),
    selectionBackground: token('selection'),
  };
}
