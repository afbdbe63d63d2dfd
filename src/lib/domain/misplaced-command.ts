import type { Place } from './place.ts';

/** Programs that exist in one kind of Place only, and where. A few well-known ones: false alarms cost more than misses. */
const PROGRAMS: readonly { readonly pattern: RegExp; readonly places: readonly Place[] }[] = [
  { pattern: /^(?:cros|cros_sdk|repo)$/, places: ['outside', 'inside'] },
  {
    pattern:
      /^(?:cros_workon_make|cros_workon|emerge-\S+|equery-\S+|qlist-\S+|gdb-\S+|\S*deploy_to_termina|\S*platform2_test\.py)$/,
    places: ['inside'],
  },
  { pattern: /^(?:vmc|vsh|crossystem|dlcservice_util|cicerone_client)$/, places: ['device'] },
  { pattern: /^(?:start|stop|restart|status) vm_\w+$/, places: ['device'] },
  { pattern: /^lxc$/, places: ['termina'] },
  { pattern: /^(?:apt|apt-get|update-alternatives)$/, places: ['penguin'] },
];

/** Words that stand before a program's name: prompts as the guide writes them, assignments, sudo. */
const BEFORE = /^(?:\((?:outside|inside|device|termina|penguin)\)|[$#]|sudo|env|time|[A-Za-z_]\w*=\S*)\s+/;

/**
 * The Place that a pasted command belongs to, if a shell in `here` is certainly the wrong one; undefined when in
 * doubt. A prompt mark copied along (`(outside) $ …`) decides by itself.
 */
export function misplacedCommand(text: string, here: Place): Place | undefined {
  for (const line of text.split('\n')) {
    let command = line.trim();
    const marked = /^\((outside|inside|device|termina|penguin)\)/.exec(command)?.[1] as Place | undefined;
    if (marked) return marked === here ? undefined : marked;
    while (BEFORE.test(command)) command = command.replace(BEFORE, '');
    const [program = '', argument = ''] = command.split(/[\s;&|]+/);
    const known = PROGRAMS.find(({ pattern }) => pattern.test(program) || pattern.test(`${program} ${argument}`));
    if (known && !known.places.includes(here)) return known.places[0];
  }
  return undefined;
}
