import { describe, expect, it } from 'vitest';
import type { Component } from './component.ts';
import { findPackages, packageOptions, splitPackages } from './package-option.ts';

const component = (name: string, parameters: Record<string, string>, aliases: string[] = []): Component => ({
  id: name,
  name,
  lane: 'termina',
  layers: ['termina'],
  summary: '',
  language: 'C++',
  repo: '',
  sourceUrl: null,
  readmeUrl: null,
  ebuilds: [],
  jobs: [],
  runs: { never: '' },
  logs: [],
  delivery: [],
  sheets: [],
  parameters,
  aliases,
});

const options = packageOptions(
  [
    component('vsh', { host: 'vm_host_tools', guest: 'vm_guest_tools' }, ['remote shell']),
    component('tremplin', { guest: 'tremplin' }),
    component('garcon', { guest: 'vm_guest_tools' }),
    component('sommelier', { guest: 'sommelier termina_container_tools' }),
    component('vsh', { guest: 'vm_guest_tools' }),
    component('penguin', {}),
  ],
  'guest',
);

const found = (query: string): string[] =>
  findPackages(options, query).map(({ component: name, name: of }) => `${name} ${of}`);

describe('packageOptions', () => {
  it('takes the packages of one parameter, each component once', () => {
    expect(found('')).toEqual([
      'vsh vm_guest_tools',
      'tremplin tremplin',
      'garcon vm_guest_tools',
      'sommelier sommelier',
      'sommelier termina_container_tools',
    ]);
  });
});

describe('findPackages', () => {
  it('finds by component, package or another name', () => {
    expect(found('garcon')).toEqual(['garcon vm_guest_tools']);
    expect(found('guest_tools')).toEqual(['vsh vm_guest_tools', 'garcon vm_guest_tools']);
    expect(found('shell remote')).toEqual(['vsh vm_guest_tools']);
    expect(found('nothing')).toEqual([]);
  });

  it('puts what is called so first', () => {
    expect(found('t')[0]).toBe('tremplin tremplin');
  });
});

it('splitPackages takes spaces and commas, as people paste them', () => {
  expect(splitPackages(' vsh, garcon  tremplin\n')).toEqual(['vsh', 'garcon', 'tremplin']);
  expect(splitPackages(' ')).toEqual([]);
});
