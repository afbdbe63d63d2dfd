import { describe, expect, it } from 'vitest';
import { compileLogFilter } from '../domain/log-filter.ts';
import { LAYERS } from '../domain/component.ts';
import { validateParameter } from '../domain/parameter.ts';
import { sheetParameters } from '../domain/resolve.ts';
import { readRepoRow } from '../domain/guide/row.ts';
import { COMPONENTS } from './components.ts';
import { GUIDE } from './guide.ts';
import { LINKS } from './links.ts';
import { LOG_SOURCES } from './log-sources.ts';
import { PARAMETERS } from './parameters.ts';
import { SHEETS } from './sheets.ts';

/** The guide's table. */
const GUIDE_TABLE = GUIDE.sections
  .flatMap((section) => section.blocks)
  .flatMap((block) => ('cells' in block && block.components ? [readRepoRow(block.cells)] : []));

/** Rows whose "Affects" an erratum corrects: where the program runs is added. */
const AFFECTS_MORE: Readonly<Record<string, string>> = { chunnel: 'Container' };

const each = COMPONENTS.map((component) => [component.id, component] as const);
const ids = COMPONENTS.map(({ id }) => id);
const layerWord = (layer: string): string => layer.charAt(0).toUpperCase() + layer.slice(1);

describe('the map', () => {
  it('has every component and every link', () => {
    expect(COMPONENTS.length).toBe(37);
    expect(COMPONENTS.filter(({ guideRow }) => guideRow !== undefined).length).toBe(22);
    expect(LINKS.length).toBe(87);
  });

  it('is the guide’s table, with the rows that have two halves put together', () => {
    const rows = [...new Set(COMPONENTS.flatMap(({ guideRow }) => guideRow ?? []))];
    expect(rows.toSorted()).toEqual(GUIDE_TABLE.map(({ name }) => name).toSorted());
    for (const { name, affects, ebuilds } of GUIDE_TABLE) {
      const halves = COMPONENTS.filter(({ guideRow }) => guideRow === name);
      const layers = LAYERS.filter((layer) => halves.some((half) => half.layers.includes(layer))).map(layerWord);
      const more = AFFECTS_MORE[name];
      expect(layers, name).toEqual([...affects, ...(more === undefined ? [] : [more])]);
      if (more !== undefined) expect(halves.flatMap(({ errata }) => errata)).toContain('e26-built-and-run');
      const packages = [...new Set(halves.flatMap((half) => half.ebuilds))];
      expect(packages.toSorted(), name).toEqual(ebuilds.toSorted());
    }
  });

  it('can be walked from any component to any other', () => {
    const seen = new Set<string>();
    const visit = (id: string): void => {
      if (seen.has(id)) return;
      seen.add(id);
      for (const { from, to } of LINKS) {
        if (from === id) visit(to);
        if (to === id) visit(from);
      }
    };
    visit('concierge');
    expect(ids.filter((id) => !seen.has(id))).toEqual([]);
  });
});

describe('components', () => {
  it.each(each)('%s leads somewhere, or says why not', (_, component) => {
    expect(component.sheets.length > 0 || component.noEbuild !== undefined || component.note !== undefined).toBe(true);
    expect(component.ebuilds.length > 0).toBe(component.noEbuild === undefined);
    expect(component.ebuilds.every((ebuild) => /^[a-z]+-[a-z]+\/[A-Za-z0-9_-]+$/.test(ebuild))).toBe(true);
    for (const url of [component.sourceUrl, component.readmeUrl].filter((one) => one !== null)) {
      expect(new URL(url).protocol).toBe('https:');
      expect(new URL(url).href).toBe(url);
    }
  });

  it.each(each)('%s runs where its code ends up, by a job of its own if by one', (_, component) => {
    expect(component.layers).toContain(component.lane);
    expect(component.layers).toEqual(LAYERS.filter((layer) => component.layers.includes(layer)));
    if ('job' in component.runs) expect(component.jobs.map(({ name }) => name)).toContain(component.runs.job);
    else expect(component.jobs).toEqual([]);
    for (const job of component.jobs)
      for (const condition of [job.startOn, job.stopOn]) expect(condition).toMatch(/^[a-z-]+(?:[ a-z_-]+)*$/);
  });

  it.each(each)('%s has logs that can be opened, filtered as the log view understands it', (_, component) => {
    for (const { source, filter } of component.logs) {
      expect(LOG_SOURCES.map(({ id }) => id)).toContain(source);
      expect(compileLogFilter(filter)).toHaveProperty('matches');
    }
    expect(component.logs.length > 0 || 'never' in component.runs).toBe(true);
  });

  it.each(each)('%s fills what its sheets ask for, with packages of its row', (_, component) => {
    const used = SHEETS.filter((sheet) => component.sheets.includes(sheet.id)).flatMap(sheetParameters);
    const wanted = ['hostPackages', 'packages', 'program', 'binary'].filter((id) => used.includes(id));
    const given = component.parameters ?? {};
    expect(Object.keys(given)).toEqual(wanted);
    for (const [id, value] of Object.entries(given)) {
      const type = PARAMETERS.find((parameter) => parameter.id === id)?.type;
      expect(type && validateParameter(type, value)).toEqual({ value });
      if (type === 'packages')
        expect(component.ebuilds.flatMap((ebuild) => [ebuild, ebuild.split('/')[1]])).toContain(value);
    }
  });

  it('have texts of whole sentences', () => {
    const texts = COMPONENTS.flatMap(({ summary, note, noEbuild, runs }) => [
      summary,
      ...[note, noEbuild].filter((text) => text !== undefined),
      ...('never' in runs ? [runs.never] : 'program' in runs && runs.when !== undefined ? [runs.when] : []),
    ]);
    expect(texts.filter((text) => !/^\S.*[.]$/.test(text) || /\s{2}|[\r\n]/.test(text))).toEqual([]);
    expect(Math.max(...texts.map(({ length }) => length))).toBeLessThan(240);
  });
});

describe('links', () => {
  it('end at components, and none is there twice', () => {
    expect(LINKS.flatMap(({ from, to }) => [from, to]).filter((id) => !ids.includes(id))).toEqual([]);
    expect(LINKS.filter(({ from, to }) => from === to)).toEqual([]);
    const ends = LINKS.map(({ from, to }) => `${from} ${to}`);
    expect(ends.filter((one, index) => ends.indexOf(one) !== index)).toEqual([]);
  });

  it.each(LINKS.map((link) => [`${link.from} → ${link.to}`, link] as const))('%s is well formed', (_, link) => {
    expect(link.what).toMatch(/^\S.*[^.\s]$/);
    expect(link.what.length).toBeLessThan(150);
    expect(link.source).toMatch(/\S/);
    if (link.proto !== undefined) expect(link.proto).toMatch(/^(?:system_api\/dbus|vm_tools\/proto)\/[a-z_/]+\.proto$/);
    if (link.service !== undefined) expect(link.service).toMatch(/^vm_tools(?:\.[a-z]+)?\.[A-Z][A-Za-z]+$/);
    if (link.busName !== undefined) expect(link.busName).toMatch(/^(?:(?:, )?org\.chromium\.[A-Z][A-Za-z]+)+$/);
    if (link.port !== undefined)
      expect(link.port).toMatch(/^(?:\d{4,5}|ephemeral|>=\d{4,5}|\d{5}-\d{5} \(first free\))$/);
    // What carries it says what else must be known of it.
    expect(link.service !== undefined).toBe(link.transport === 'grpc-vsock');
    expect(link.busName !== undefined).toBe(link.transport === 'dbus' || link.transport === 'dbus-signal');
    expect(link.port !== undefined).toBe(['grpc-vsock', 'vsock', '9p-vsock', 'tcp'].includes(link.transport));
    expect(link.kind === 'build').toBe(link.transport === 'build' || link.transport === 'package');
  });
});
