import { describe, expect, it } from 'vitest';
import { LAYERS } from '../domain/component.ts';
import { validateParameter } from '../domain/parameter.ts';
import { sheetParameters } from '../domain/resolve.ts';
import { COMPONENTS } from './components.ts';
import { SHEETS } from './sheets.ts';

/** The guide's table: name, affects, ebuilds. */
const GUIDE_TABLE: readonly (readonly [string, string, string])[] = [
  ['9s', 'Host', 'dev-rust/s9'],
  ['chunnel', 'Host, Termina', 'chromeos-base/chunnel, chromeos-base/termina_container_tools'],
  ['cicerone', 'Host', 'chromeos-base/vm_host_tools'],
  ['concierge', 'Host', 'chromeos-base/vm_host_tools'],
  ['container .debs, Termina build scripts', 'Container', ''],
  ['cros_im', 'Container', ''],
  ['crostini_client', 'Host', 'chromeos-base/crostini_client'],
  ['crosvm', 'Host', 'chromeos-base/crosvm'],
  ['garcon', 'Termina, Container', 'chromeos-base/vm_guest_tools, chromeos-base/termina_container_tools'],
  ['LXD', 'Termina', 'app-emulation/lxd'],
  ['maitred', 'Termina', 'chromeos-base/vm_guest_tools'],
  ['metric_reporter', 'Container', 'chromeos-base/crostini-metric-reporter, chromeos-base/vm_guest_tools'],
  ['seneschal', 'Host', 'chromeos-base/vm_host_tools'],
  ['sommelier', 'Termina, Container', 'chromeos-base/sommelier, chromeos-base/termina_container_tools'],
  ['system_api', 'Host', 'chromeos-base/system_api'],
  ['tremplin', 'Termina', 'chromeos-base/tremplin'],
  ['VM protobufs', 'Host, Termina, Container', 'chromeos-base/vm_protos'],
  ['vm_syslog', 'Host, Termina', 'chromeos-base/vm_guest_tools, chromeos-base/vm_host_tools'],
  [
    'vsh',
    'Host, Termina, Container',
    'chromeos-base/vm_host_tools, chromeos-base/vm_guest_tools, chromeos-base/termina_container_tools',
  ],
];

describe('components', () => {
  it('are the rows of the guide, in its order', () => {
    const rows = COMPONENTS.map((component) => [
      component.name,
      component.layers.map((layer) => layer.charAt(0).toUpperCase() + layer.slice(1)).join(', '),
      component.ebuilds.join(', '),
    ]);
    expect(rows).toEqual(GUIDE_TABLE);
  });

  it.each(COMPONENTS.map((component) => [component.id, component] as const))('%s leads somewhere', (_, component) => {
    expect(component.sheets.length > 0 || component.noEbuild !== undefined).toBe(true);
    expect(component.ebuilds.length > 0).toBe(component.noEbuild === undefined);
    for (const url of [component.sourceUrl, component.readmeUrl].filter((one) => one !== null)) {
      expect(new URL(url).protocol).toBe('https:');
      expect(new URL(url).href).toBe(url);
    }
  });

  it.each(COMPONENTS.map((component) => [component.id, component] as const))(
    '%s fills the packages of its sheets, with packages of its row',
    (_, component) => {
      const used = SHEETS.filter((sheet) => component.sheets.includes(sheet.id)).flatMap(sheetParameters);
      const wanted = ['hostPackages', 'packages'].filter((id) => used.includes(id));
      expect(Object.keys(component.parameters ?? {})).toEqual(wanted);
      for (const value of Object.values(component.parameters ?? {})) {
        expect(validateParameter('packages', value)).toEqual({ value });
        expect(component.ebuilds.map((ebuild) => ebuild.split('/')[1])).toContain(value);
      }
    },
  );
});
