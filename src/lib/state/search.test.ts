import { describe, expect, it } from 'vitest';
import { COMPONENTS } from '#lib/catalog/components.ts';
import { ERRATA } from '#lib/catalog/errata.ts';
import { SHEETS } from '#lib/catalog/sheets.ts';
import { findItems } from './search.ts';
import { DOCUMENTS } from './search-documents.ts';

const first = (query: string, count = 3): string[] =>
  findItems(query)
    .slice(0, count)
    .map(({ id }) => id);

describe('what a newcomer types', () => {
  it.each([
    ['sommelier', 'component:sommelier'],
    ['garcon', 'component:garcon'],
    ['copy folder to vm', 'step:copy-termina#directory-in'],
    ['upload file to penguin', 'sheet:copy-penguin'],
    ['vmc container', 'step:container-shell#vmc'],
    ['how do I get a shell in the container', 'sheet:container-shell'],
    ['owner hash', 'sheet:owner-hash'],
    ['attach gdb', 'step:debug-container#gdb'],
    ['breakpoints never hit', 'step:debug-symbols#load'],
    ['where are garcon logs', 'step:logs#garcon'],
    ['where are garcon logs', 'log:penguin-user'],
    ['vm log rotated', 'step:logs#termina-rotated'],
    ['deploy kernel', 'sheet:kernel'],
    ['full image', 'sheet:full-image'],
    ['restart concierge', 'step:host-service-change#restart'],
    ['base64', 'step:logs#termina'],
    ['ssh into container', 'sheet:container-ssh'],
    ['port forwarding 8222', 'step:container-ssh#forward'],
    ['port forward', 'page:/device'],
    ['guest board', 'sheet:guest-board'],
    ['uname -m', 'step:guest-board#architecture'],
    ['autologin', 'step:prerequisites#sign-in'],
    ['permission denied publickey', 'step:prerequisites#reach'],
    ['deploy_to_termina', 'step:guest-package#deploy'],
    ['cros_workon_make', 'step:guest-package#build'],
    ['run lxd without device', 'step:run-off-device#lxd'],
    ['I changed tremplin', 'plan:tremplin'],
    ['install a .deb', 'sheet:container-deb'],
    ['baguette', 'sheet:baguette'],
    ['--user-root', 'correction:e08-user-root'],
    ['clipboard does not work', 'component:sommelier'],
    ['wayland', 'component:sommelier'],
    ['kernel version', 'value:kernelVersion'],
    ['my vm does not start', 'log:termina'],
    ['breakpoint in concierge', 'sheet:debug-host'],
    ['undo sommelier', 'step:sommelier-in-container#switch-back'],
    ['microphone', 'step:guest-package#start'],
    ['sound', 'step:guest-package#start'],
  ])('%s → %s is among the first three', (query, target) => {
    expect(first(query)).toContain(target);
  });

  it.each([
    ['somelier', 'component:sommelier'],
    ['concerge', 'component:concierge'],
    ['tremplim', 'component:tremplin'],
    ['seneshal', 'component:seneschal'],
    ['kernal', 'sheet:kernel'],
    ['bagette', 'sheet:baguette'],
  ])('%s, with its typing error → %s', (query, target) => {
    expect(first(query)).toContain(target);
  });
});

describe('the order', () => {
  it('begins with what is called so, whatever it is', () => {
    for (const { id, name } of COMPONENTS) expect([name, first(name, 1)]).toEqual([name, [`component:${id}`]]);
    for (const { id, title } of SHEETS) expect([title, first(title, 1)]).toEqual([title, [`sheet:${id}`]]);
  });

  it('goes from a component to its sheets and steps', () => {
    expect(first('sommelier')).toEqual(['component:sommelier', 'sheet:sommelier-in-container', 'step:logs#sommelier']);
  });
});

describe('what is found', () => {
  it('is each thing once, and everything leads somewhere or acts', () => {
    const ids = DOCUMENTS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, path } of DOCUMENTS) expect(path ?? id).toMatch(/^\/|^(?:shell|action):/);
  });

  it('is every correction of the guide, at the step or component that it concerns', () => {
    const found = DOCUMENTS.filter(({ kind }) => kind === 'correction').map(({ id }) => id.replace('correction:', ''));
    expect(found).toEqual(ERRATA.map(({ id }) => id));
  });

  it('says which words to mark, and shows the piece of text that holds them', () => {
    const [item] = findItems('base64 alphabet');
    expect(item?.marks).toEqual(expect.arrayContaining(['base64', 'alphabet']));
    const step = findItems('autologin').find(({ id }) => id === 'step:prerequisites#sign-in');
    expect(step?.subtitle).toMatch(/^Get the device ready: .*autologin/);
  });

  it('is nothing for nonsense, and the usual for nothing', () => {
    expect(findItems('qqqqxxxx')).toEqual([]);
    expect(findItems('  ').map(({ id }) => id)).toContain('action:add');
  });
});
