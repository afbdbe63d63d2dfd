import { ciceroneClient } from './cicerone-client.ts';
import { dlcserviceUtil } from './dlcservice-util.ts';
import { vmInfo } from './vm-info.ts';
import { vmc } from './vmc.ts';
import type { Program } from './world.ts';

/** Stand-ins about VMs that the host services daemon answers for, by the name they are called by. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  vmc,
  cicerone_client: ciceroneClient,
  dlcservice_util: dlcserviceUtil,
  'vm-info': vmInfo,
};
