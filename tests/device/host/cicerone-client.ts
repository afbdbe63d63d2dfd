import { type FlagTypes, parseFlags } from './brillo-flags.ts';
import type { Program, ProgramAnswer } from './world.ts';

/** Operations and parameters (chromeos-facts.md section 9). */
const OPERATIONS = [
  ...['create_lxd_container', 'start_lxd_container', 'set_timezone', 'get_username', 'set_up_lxd_user'],
  ...['launch_application', 'get_icon', 'get_info', 'install_package', 'uninstall_application', 'package_info'],
  'apply_playbook',
];
const FLAGS: FlagTypes = {
  ...Object.fromEntries(OPERATIONS.map((name) => [name, 'bool' as const])),
  ...Object.fromEntries(
    [
      ...['vm_name', 'container_name', 'owner_id', 'image_server', 'image_alias', 'rootfs_path', 'metadata_path'],
      ...['container_username', 'application', 'output_filepath', 'timezone_name', 'file_path', 'playbook'],
    ].map((name) => [name, 'string' as const]),
  ),
  icon_size: 'int32',
  scale: 'int32',
};

/** It returns -1 and, without a terminal on stdin, logs nothing. */
const FAILED: ProgramAnswer = { stdout: '', stderr: '', code: 255 };

/** Stand-in for cicerone_client: `--get_info`, `--get_username`; the others fail as they do when cicerone refuses. */
export const ciceroneClient: Program = (world, { argv }) => Promise.resolve(answer(world, argv));

function answer(world: Parameters<Program>[0], argv: readonly string[]): ProgramAnswer {
  const parsed = parseFlags('cicerone_client', 'vm_cicerone client tool', FLAGS, argv);
  if ('exit' in parsed) return parsed.exit;
  const { flags } = parsed;
  const asked = OPERATIONS.filter((name) => flags[name] === 'true' || flags[name] === '1');
  if (asked.length !== 1 || !world.jobs.isRunning('vm_cicerone')) return FAILED;
  const running = world.vms.list().filter(({ state }) => state === 'running');
  if (asked[0] === 'get_info') {
    const lines = running.flatMap(({ name, containers }) => [
      `VM: ${name}`,
      ...containers.flatMap((container) => [`\tContainer: ${container}`, '\t\tInstalled packages: 312']),
    ]);
    return { stdout: `${lines.map((line) => `${line}\n`).join('')}`, stderr: '', code: 0 };
  }
  const vm = running.find(({ name }) => name === flags['vm_name']);
  if (asked[0] === 'get_username' && vm?.containers.includes(flags['container_name'] ?? ''))
    return { stdout: `${world.config.guestUser}\n`, stderr: '', code: 0 };
  return FAILED;
}
